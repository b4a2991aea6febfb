// A button that destroys (data-confirm-name) wakes when the name typed above it is right; the server checks it again.
const check = (button) => {
  button.disabled = button.form.elements.confirm_name.value.trim() !== button.dataset.confirmName;
};
const checkAll = (within) => within.querySelectorAll("[data-confirm-name]").forEach(check);

document.addEventListener("input", ({ target }) => {
  if (target.name === "confirm_name") checkAll(target.form);
});
// A form that comes back with an error is another one.
document.addEventListener("htmx:load", ({ target }) => checkAll(target));
checkAll(document);
