// Sends a kept form so that a lost connection loses nothing: the same attempt carries the same key,
// however often it is sent, and what could not be sent waits for the network.
import { save, say } from "./autosave.js";
import { dropKept, fieldsOf, readKept, writeKept } from "./kept.js";
import { post, queueAttempt } from "./queue.js";
import { uploadsDone } from "./upload.js";

export function watchSubmit(enhance) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-kept]") || !window.DOMParser) return;
    if (form.failures > 1 && navigator.onLine) return; // two attempts failed: let the browser try on its own
    event.preventDefault();
    if (!form.sending) send(form, event.submitter, enhance);
  });
  addEventListener("popstate", () => location.pathname + location.search !== shown && location.reload());
}

let shown = location.pathname + location.search;

async function send(form, button, enhance) {
  form.sending = true;
  clearTimeout(form.saving);
  const label = button?.querySelector("span") ?? button;
  const words = label?.textContent;
  try {
    if (!(await uploadsDone(form, () => say("正在传照片，传完就提交…")))) {
      say("有照片没传上去，请点“重试”或删掉它", { aloud: true });
      return;
    }
    if (label) label.textContent = "正在提交…";
    const attempt = attemptOf(form, button);
    const answer = await post(attempt);
    if (answer.status >= 500 || answer.status === 429) throw answer;
    await show(form, answer, attempt, enhance);
  } catch (problem) {
    form.failures = (form.failures ?? 0) + 1;
    wait(form, button, problem);
  } finally {
    form.sending = false;
    if (label) label.textContent = words;
  }
}

function attemptOf(form, button) {
  const entries = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  if (button?.name) entries.push([button.name, button.value]);
  const key = keyFor(
    form,
    JSON.stringify([fieldsOf(form), entries.filter(([name]) => name.startsWith("attach."))]),
  );
  if (form.elements.idempotency_key) form.elements.idempotency_key.value = key;
  return {
    url: button?.getAttribute("formaction") || form.action,
    entries: entries.map(([name, value]) => [name, name === "idempotency_key" ? key : value]),
    final: !button?.name || button.value === "submit",
    key,
  };
}

// The same content keeps its key; changed content is another attempt.
function keyFor(form, content) {
  const kept = readKept(form.dataset.kept);
  if (kept?.key && kept.content === content) return kept.key;
  const key = kept?.key || !form.elements.idempotency_key ? newKey() : form.elements.idempotency_key.value;
  writeKept(form.dataset.kept, { key, content });
  return key;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function show(form, answer, attempt, enhance) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok && attempt.final) dropKept(form.dataset.kept);
  else if (answer.ok) writeKept(form.dataset.kept, { synced: true });
  document.title = page.title;
  document.body.replaceWith(page.body);
  const address = new URL(answer.redirected ? answer.url : location.href);
  shown = address.pathname + address.search;
  if (answer.redirected) history.pushState(null, "", shown);
  scrollTo(0, 0);
  enhance();
  const summary = document.querySelector("#errors");
  (summary ?? document.querySelector("h1"))?.focus();
}

function wait(form, button, problem) {
  const final = !button?.name || button.value === "submit";
  if (problem instanceof Response && problem.status === 429) {
    say("提交得太频繁，请过一会儿再点一次。内容都在。", { aloud: true });
  } else if (final) {
    queueAttempt(form.dataset.kept, attemptOf(form, button));
    say(navigator.onLine ? "没有连上，内容已存好，会自动再提交。" : "现在没有网络，已存好，有网络会自动提交。", {
      aloud: true,
    });
  } else {
    say("没有网络，填的内容已存在这台手机上。有网络再点一次。", { aloud: true });
    save(form);
  }
}
