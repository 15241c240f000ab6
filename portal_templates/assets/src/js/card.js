// A code that dies after a minute, of the member card or of a voucher: a fresh one is fetched while the page is seen.
// A voucher is asked for every few seconds (`data-every`): once it was used, its page says so.
const HALF_MINUTE = 30;

export function refreshCard(page) {
  const card = page.querySelector("[data-refresh]");
  if (card) watch(card);
}

function watch(card) {
  const lifetime = Number(card.dataset.expires);
  const fresh = Math.max(5, Math.min(HALF_MINUTE, lifetime / 2));
  const every = Number(card.dataset.every ?? fresh);
  const again = setInterval(() => document.visibilityState === "visible" && refresh(), every * 1000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  let born = Date.now();

  async function refresh() {
    if (!card.isConnected) return clearInterval(again);
    try {
      const answer = await fetch(card.dataset.refresh, { headers: { "hx-request": "true" } });
      if (!answer.ok) throw answer;
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
      const code = shown.querySelector(`#${card.id}`);
      if (!code) return location.reload(); // there is no code any more, and the page knows why
      if (Date.now() - born >= fresh * 1000) replace(code);
      note("二维码自动更新");
    } catch {
      const alive = Date.now() < born + lifetime * 1000;
      note(alive ? "没有网络，现在的二维码还能用一会儿" : "没有网络，二维码已过期，请连上网络再出示");
    }
  }

  function replace(code) {
    card.querySelector(".qr").replaceWith(code.querySelector(".qr"));
    born = Date.now();
  }

  function note(words) {
    card.querySelector("[data-refresh-note]").textContent = words;
  }
}
