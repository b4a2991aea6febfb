// data-dialog="id" opens that <dialog>; data-close in it, Escape or a click beside it closes it.
// The browser itself keeps the focus inside and gives it back afterwards.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) return document.getElementById(opener.dataset.dialog).showModal();

  const dialog = event.target.closest("dialog");
  // The dialog has no padding, so a click on it and on nothing inside is one on what lies behind.
  if (dialog && (event.target === dialog || event.target.closest("[data-close]"))) dialog.close();
});
