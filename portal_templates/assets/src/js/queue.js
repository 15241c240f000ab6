// Submissions that met no network. They are sent again when it is back, with the same key.
import { allKept, dropKept, owner, writeKept } from "./kept.js";

const TIMEOUT_MS = 45000;
const AGAIN_MS = 20000;

export async function post(attempt) {
  const body = new FormData();
  for (const [name, value] of attempt.entries) body.append(name, value);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    return await fetch(attempt.url, {
      method: "POST",
      body,
      headers: { "idempotency-key": attempt.key },
      signal: abort.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

export function queueAttempt(path, attempt) {
  writeKept(path, { queued: attempt });
  clearTimeout(timer);
  timer = setTimeout(sendQueued, AGAIN_MS);
}

let timer = 0;
let busy = false;

export async function sendQueued() {
  if (busy) return;
  busy = true;
  for (const [path, kept] of allKept()) {
    if (!kept.queued || kept.owner !== owner()) continue;
    try {
      const answer = await post(kept.queued);
      if (answer.status >= 500 || answer.status === 429) throw answer;
      settle(path, kept, answer);
    } catch {
      clearTimeout(timer);
      timer = setTimeout(sendQueued, AGAIN_MS);
    }
  }
  busy = false;
}

// Accepted: go and see the receipt. Refused: the form opens again with what was typed.
function settle(path, kept, answer) {
  if (answer.redirected) {
    dropKept(path);
    location.assign(answer.url);
    return;
  }
  writeKept(path, { queued: null, synced: false });
  if (location.pathname + location.search !== kept.url) location.assign(kept.url);
}

// The kept page was fetched without cookies, so it does not know the chosen look.
function wearCookies() {
  for (const [, name, value] of document.cookie.matchAll(/\b(theme|size)=(\w+)/g))
    document.documentElement.dataset[name] = value;
}

// The offline page: what is on this device.
export function listKept(page) {
  const list = page.querySelector("[data-kept-list]");
  if (!list) return;
  wearCookies();
  addEventListener("online", () => location.reload());
  for (const [, kept] of allKept()) {
    if (kept.synced && !kept.queued) continue;
    const card = document.createElement("article");
    card.className = "card case-card";
    const title = document.createElement("h2");
    title.className = "case-card__title";
    title.textContent = kept.title;
    const line = document.createElement("p");
    line.className = "case-card__foot";
    const when = new Date(kept.at).toLocaleString("zh-CN", {
      month: "long",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
    line.textContent = kept.queued ? `${when} 填好，有网络会自动提交` : `${when} 填到一半，内容都在`;
    card.append(title, line);
    list.append(card);
  }
}
