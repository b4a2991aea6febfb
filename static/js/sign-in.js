// The demo's people (data-fill) sign in with one click.
document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (!fill) return;
  const form = document.querySelector("form[data-sign-in]");
  form.elements.login.value = fill.dataset.fill;
  form.elements.password.value = fill.dataset.password;
  form.requestSubmit();
});
