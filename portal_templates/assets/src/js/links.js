// Links and buttons that do a little more with script: back, print, reload, 更多.
export function watchLinks() {
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-back], [data-print], [data-reload], [data-more]");
    if (!target || event.ctrlKey || event.metaKey) return;
    if ("more" in target.dataset) more(event, target);
    else if ("print" in target.dataset) print();
    else if ("reload" in target.dataset) reload(event);
    else back(event);
  });
}

function back(event) {
  if (!document.referrer.startsWith(location.origin) || history.length < 2) return;
  event.preventDefault();
  history.back();
}

function reload(event) {
  if (location.pathname === "/offline") return; // opened as a page: the link leads home
  event.preventDefault();
  location.reload();
}

async function more(event, link) {
  event.preventDefault();
  const list = document.getElementById(link.dataset.more);
  link.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw answer;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.getElementById(link.dataset.more).children];
    list.append(...fresh);
    const place = document.getElementById(`${list.id}-more`);
    const next = page.getElementById(`${list.id}-more`);
    if (next) place.replaceWith(next);
    else place.remove();
    fresh[0]?.querySelector("a, button")?.focus();
  } catch {
    location.assign(link.href);
  }
}
