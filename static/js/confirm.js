// A button that destroys (data-confirm-name) wakes when the name typed above it is right; the server checks it again.
for (const button of document.querySelectorAll("[data-confirm-name]")) {
  const typed = button.form.elements.confirm_name;
  const check = () => { button.disabled = typed.value.trim() !== button.dataset.confirmName; };
  typed.addEventListener("input", check);
  check();
}
