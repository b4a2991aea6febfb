// A form with a file (data-upload: the id of its progress bar) shows how far it has come; too large a file is not sent.
document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const bar = document.getElementById(target.dataset?.upload);
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = detail.loaded / detail.total;
});

document.addEventListener("htmx:sendError", ({ target }) => {
  const bar = document.getElementById(target.dataset?.upload);
  if (!bar) return;
  bar.hidden = true;
  delete target.dataset.sent;
  target.querySelector(".busy")?.classList.remove("busy");
  document.getElementById("offline").hidden = false;
});

document.addEventListener("change", ({ target }) => {
  const limit = Number(target.dataset?.limit);
  if (!limit || target.type !== "file") return;
  const isTooLarge = [...target.files].some((file) => file.size > limit);
  target.setCustomValidity(isTooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();
});
