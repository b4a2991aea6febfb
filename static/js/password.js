// Fields of a new password (data-password): show what was typed, or make a strong one that OVH takes.
// Without I, l, O, 0 and 1, which are mistaken for one another.
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
const LENGTH = 20;

function pick(letters) {
  // Values past the last whole multiple would make some letters likelier.
  const limit = 256 - (256 % letters.length);
  const [value] = crypto.getRandomValues(new Uint8Array(1));
  return value < limit ? letters[value % letters.length] : pick(letters);
}

function make() {
  const text = Array.from({ length: LENGTH }, () => pick(LETTERS)).join("");
  const isGood = /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
  return isGood ? text : make();
}

function show(input, button, isShown) {
  input.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", isShown);
}

for (const input of document.querySelectorAll("input[data-password]")) {
  const box = input.closest(".password-box");
  const shower = box.querySelector("[data-password-show]");
  const maker = box.querySelector("[data-password-make]");
  shower.hidden = maker.hidden = false;
  show(input, shower, false);
  shower.addEventListener("click", () => show(input, shower, input.type === "password"));
  maker.addEventListener("click", () => {
    input.value = make();
    show(input, shower, true);
    input.focus();
    input.select();
  });
}
