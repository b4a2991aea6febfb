// Password fields: show what was typed, or make a strong one that OVH takes.
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

for (const box of document.querySelectorAll(".password-box")) {
  const input = box.querySelector("input");
  const show = box.querySelector("[data-password-show]");
  const maker = box.querySelector("[data-password-make]");
  show.hidden = maker.hidden = false;
  show.addEventListener("click", () => { input.type = input.type === "password" ? "text" : "password"; });
  maker.addEventListener("click", () => {
    input.value = make();
    input.type = "text";
    input.focus();
    input.select();
  });
}
