// Menus close with Escape or a click elsewhere; toasts go by themselves; Ctrl K finds the search field.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest("[data-close]")?.closest("[data-toast]")?.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping)) {
    event.preventDefault();
    document.querySelector("[data-search]")?.focus();
  }
});

for (const toast of document.querySelectorAll("[data-toast]:not(.error)")) {
  setTimeout(() => toast.remove(), 8000);
}
