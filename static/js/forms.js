// A form is sent once; a destructive button wakes when the typed name is right (the server checks both again).
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-once]");
  if (!form) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  form.querySelector(".form-actions button")?.classList.add("busy");
});

// Coming back with the back button, the form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once][data-sent]")) {
    delete form.dataset.sent;
    form.querySelector(".busy")?.classList.remove("busy");
  }
});

function guard(button) {
  const typed = button.form.elements.confirm_name;
  const check = () => { button.disabled = typed.value.trim() !== button.dataset.confirmName; };
  typed.addEventListener("input", check);
  check();
}
document.querySelectorAll("[data-confirm-name]").forEach(guard);

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (!fill) return;
  const form = document.querySelector("form[data-sign-in]");
  form.elements.login.value = fill.dataset.fill;
  form.elements.password.value = fill.dataset.password;
  form.requestSubmit();
});
