// The member card's code dies after a minute: a fresh one is fetched while the page is seen.
export function refreshCard(page) {
  const card = page.querySelector("[data-refresh]");
  if (card) watch(card);
}

function watch(card) {
  const seconds = Math.max(5, Math.min(30, Number(card.dataset.expires) / 2));
  const again = setInterval(() => document.visibilityState === "visible" && refresh(), seconds * 1000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  const diesAt = (from) => from + Number(card.dataset.expires) * 1000;
  let dies = diesAt(Date.now());

  async function refresh() {
    if (!card.isConnected) return clearInterval(again);
    try {
      const answer = await fetch(card.dataset.refresh, { headers: { "hx-request": "true" } });
      const fresh =
        answer.ok &&
        new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(`#${card.id}`);
      if (!fresh) throw answer;
      card.querySelector(".qr").replaceWith(fresh.querySelector(".qr"));
      dies = diesAt(Date.now());
      note("二维码自动更新");
    } catch {
      note(Date.now() < dies ? "没有网络，现在的二维码还能用一会儿" : "没有网络，二维码已过期，请连上网络再出示");
    }
  }

  function note(words) {
    card.querySelector("[data-refresh-note]").textContent = words;
  }
}
