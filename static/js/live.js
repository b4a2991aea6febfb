// Beside the page's one poller: quiet while nobody looks, says when the connection is lost, shows and tells the news.
let failures = 0;
let news = [];

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "poller" && document.hidden) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  const poller = document.getElementById("poller");
  if (!document.hidden && poller) htmx.trigger(poller, "hostpanel:poll");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id === "poller") {
    const offline = document.getElementById("offline");
    failures = event.detail.successful ? 0 : failures + 1;
    if (offline.hidden && failures > 1) document.getElementById("announce").textContent = offline.textContent;
    offline.hidden = failures < 2;
  }
  // The session ended or the form's token belongs to another one: the page itself must be asked for again.
  if ([401, 403].includes(event.detail.xhr?.status)) location.reload();
});

// A part that could not be had, such as a filtered list: the whole page says why, or that the connection is lost.
document.addEventListener("htmx:responseError", ({ target, detail }) => {
  if (target.id !== "poller" && detail.requestConfig.verb === "get") location.assign(detail.pathInfo.finalRequestPath);
});
document.addEventListener("htmx:sendError", ({ target }) => {
  if (target.id !== "poller") document.getElementById("offline").hidden = false;
});

// A row is the same while its words are; how long ago something was does not count.
function words(row) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll("time").forEach((time) => time.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function markFresh(fragment) {
  for (const row of fragment.querySelectorAll("tr[id], article[id]")) {
    const before = document.getElementById(row.id);
    if (!before || words(before) !== words(row)) row.dataset.fresh = "";
  }
}

function collectNews(fragment) {
  const known = new Set([...document.querySelectorAll("[data-announce]")].map((each) => each.dataset.announce));
  const told = [...fragment.querySelectorAll("[data-announce]")].map((each) => each.dataset.announce);
  news.push(...told.filter((text) => !known.has(text)));
}

function keepMenusOpen(fragment, target) {
  for (const button of target.querySelectorAll("details[open] > summary[id]")) {
    const again = fragment.querySelector(`#${CSS.escape(button.id)}`);
    if (again) again.parentElement.open = true;
  }
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail: { fragment, target } }) => {
  markFresh(fragment);
  collectNews(fragment);
  keepMenusOpen(fragment, target);
});

document.addEventListener("htmx:afterSettle", () => {
  if (news.length) document.getElementById("announce").textContent = [...new Set(news)].slice(0, 3).join(". ");
  news = [];
});
