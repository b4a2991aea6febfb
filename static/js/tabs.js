// The tab people are at is in sight where not all fit, and a piece of the one before it.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const bar = tab.parentElement;
  const isClear = !bar.scrollLeft || tab.offsetLeft >= bar.scrollLeft + 36;
  const isSeen = isClear && tab.offsetLeft + tab.offsetWidth <= bar.scrollLeft + bar.clientWidth - 32;
  if (!isSeen) bar.scrollLeft = tab.offsetLeft - bar.clientWidth / 3;
}

// It fades where there are more.
const fade = (bar) => {
  bar.classList.toggle("more-before", bar.scrollLeft > 4);
  bar.classList.toggle("at-end", bar.scrollWidth - bar.clientWidth - bar.scrollLeft < 4);
};
for (const bar of document.querySelectorAll(".tabs")) {
  bar.addEventListener("scroll", () => fade(bar), { passive: true });
  fade(bar);
}
