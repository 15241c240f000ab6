// Saves while typing: at once on this device, a moment later on the server.
import { attachmentsOf, dropKept, fieldsOf, fill, merged, owner, readKept, writeKept } from "./kept.js";

const QUIET_MS = 1200;
const AGAIN_MS = 15000;

const clockTime = (moment) =>
  new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

// The quiet line above the button; read out only when something needs the person.
export function say(text, { aloud = false } = {}) {
  const line = document.querySelector("[data-saved]");
  if (!line) return;
  line.setAttribute("aria-live", aloud ? "assertive" : "off");
  line.classList.toggle("action-bar__note_strong", aloud);
  line.textContent = text;
}

export function watchDrafts(page) {
  for (const form of page.querySelectorAll("form[data-kept]")) watch(form);
}

function watch(form) {
  const path = form.dataset.kept;
  if (readKept(path) && readKept(path).owner !== owner()) dropKept(path);
  const kept = readKept(path);
  // What reached the server only after this page was asked for is not in it.
  const missed = kept && (!kept.synced || kept.at >= performance.timeOrigin);
  if (missed && !document.querySelector("#errors")) {
    fill(form, kept.fields);
    form.dispatchEvent(new Event("restored"));
    say(`已找回 ${clockTime(kept.at)} 填的内容`);
    save(form);
  }
  const changed = () => {
    writeKept(path, {
      fields: merged(readKept(path)?.fields ?? {}, form),
      title: form.dataset.title,
      url: location.pathname + location.search,
      synced: false,
    });
    clearTimeout(form.saving);
    form.saving = setTimeout(() => save(form), QUIET_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  addEventListener("online", () => form.isConnected && !readKept(path)?.synced && save(form));
}

// A correction has no draft on the server; it is kept on this device only.
export async function save(form) {
  if (!form.isConnected || form.sending) return;
  const path = form.dataset.kept;
  if (!form.dataset.draft) {
    say(`已自动保存 ${clockTime(Date.now())} · 没有网络也不会丢`);
    return;
  }
  const fields = fieldsOf(form);
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ screen: form.dataset.screen, form: plain(fields), attachments: attachmentsOf(form) }),
    });
    if (!answer.ok) throw answer;
    const { saved_at: savedAt } = await answer.json();
    if (JSON.stringify(fields) === JSON.stringify(fieldsOf(form))) writeKept(path, { synced: true });
    say(`已自动保存 ${clockTime(savedAt)} · 没有网络也不会丢`);
  } catch (problem) {
    say(`已存在这台手机上 ${clockTime(Date.now())} · 有网络会接着保存`);
    const refused = problem instanceof Response && problem.status < 500 && problem.status !== 429;
    if (!refused) form.saving = setTimeout(() => save(form), AGAIN_MS);
  }
}

// One value as text, several as a list, none as an empty text.
function plain(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? "")]),
  );
}
