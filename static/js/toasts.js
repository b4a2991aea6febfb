// Toasts (data-toast) go by themselves, but not while somebody reads them; those that tell of an error stay.
const READING_MS = 8000;

function pass(toast) {
  const isRead = toast.matches(":hover, :focus-within");
  if (isRead) setTimeout(pass, READING_MS / 4, toast);
  else toast.remove();
}

for (const toast of document.querySelectorAll("[data-toast]:not(.error)")) setTimeout(pass, READING_MS, toast);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  for (const toast of document.querySelectorAll("[data-toast]")) toast.remove();
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-close]")?.closest("[data-toast]")?.remove();
});
