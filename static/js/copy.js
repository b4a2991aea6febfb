// data-copy puts its value on the clipboard; data-copied is what is said then. Hidden where the browser has none.
function uncover() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = !navigator.clipboard;
}

uncover();
document.addEventListener("htmx:afterSettle", uncover);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  document.getElementById("announce").textContent = button.dataset.copied;
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1600);
});
