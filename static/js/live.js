// The page's one poller: quiet while nobody looks, says when the connection is lost, tells screen readers the news.
let failures = 0;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "poller" && document.hidden) event.preventDefault();
});

function heard(isWell) {
  failures = isWell ? 0 : failures + 1;
  document.getElementById("offline").hidden = failures < 2;
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id === "poller") heard(event.detail.successful || event.detail.xhr.status === 204);
  // The session ended or the form's token belongs to another one: the page itself must be asked for again.
  if ([401, 403].includes(event.detail.xhr?.status)) location.reload();
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const news = event.target.querySelectorAll?.("[data-announce]") ?? [];
  const words = [...news].slice(0, 1).map((each) => each.dataset.announce).filter(Boolean);
  const box = document.getElementById("announce");
  if (words.length && box.textContent !== words[0]) box.textContent = words[0];
});

document.addEventListener("visibilitychange", () => {
  const poller = document.getElementById("poller");
  if (!document.hidden && poller) htmx.trigger(poller, "hostpanel:poll");
});
