// The tab people are at is in sight where not all fit; browsers that know scroll-initial-target have done it already.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const bar = tab.parentElement;
  const isSeen = tab.offsetLeft >= bar.scrollLeft && tab.offsetLeft + tab.offsetWidth <= bar.scrollLeft + bar.clientWidth - 32;
  if (!isSeen) bar.scrollLeft = tab.offsetLeft - bar.clientWidth / 3;
}
