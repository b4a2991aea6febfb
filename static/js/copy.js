// data-copy puts its value on the clipboard; data-copied is what is said then. Hidden where the browser has none.
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  document.getElementById("announce").textContent = button.dataset.copied;
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1600);
});
