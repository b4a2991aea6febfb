// Ctrl K, or / outside of a field, leads to the search field (data-search).
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  const isAsked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping);
  const field = document.querySelector("[data-search]");
  if (!isAsked || !field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
