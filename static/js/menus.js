// Menus (details.menu) close with Escape or a click elsewhere, and give the focus back to their button.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    // On a phone the page behind the menu is covered by its summary; a click there toggles it by itself.
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault(); // it was for the menu, and for nothing else
  }
});
