// Flags, comments and the action bar of the open case.
import { isTyping, onKey } from "./keys.js";

const form = () => document.getElementById("decide");
const flags = () => [...document.querySelectorAll("[data-flag]")];
const flagged = () => flags().filter((flag) => flag.checked);
const lineOf = (element) => element?.closest("[data-line]");
// Where a phrase may go; the message of a hold is a plain field.
const WORDS = "[data-words], #f-act-message";
const words = (line) => line.querySelector("[data-words]");
const comment = () => document.querySelector("[data-comment]");

let lastWords = null;

// ---- what the bar says and which act is the main one ---------------------------------------

function say(sentence) {
  const place = document.querySelector("[data-say]");
  if (place) place.textContent = sentence;
}

function showFlags() {
  const count = flagged().length;
  form()?.classList.toggle("bar_returning", count > 0);
  const place = document.querySelector("[data-flag-count]");
  if (place) place.textContent = count ? ` ${count} 项` : "标记项";
}

function fit(area) {
  area.rows = 1;
  while (area.scrollHeight > area.clientHeight + 2 && area.rows < 4) area.rows += 1;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-flag]")) return;
  showFlags();
  say("");
  if (event.target.checked) words(lineOf(event.target)).focus();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-comment]")) fit(event.target);
  if (event.target.matches("[data-words]")) say("");
});

// ---- lines: arrows walk, F flags -------------------------------------------------------------

function walkLines(by) {
  const all = flags();
  if (!all.length) return false;
  const at = all.indexOf(lineOf(document.activeElement)?.querySelector("[data-flag]"));
  const next = all[at < 0 ? 0 : at + by];
  next?.focus();
  lineOf(next)?.scrollIntoView({ block: "nearest" });
}

onKey(["ArrowDown"], (event) => (event.target.closest("[data-canvas]") ? false : walkLines(1)));
onKey(["ArrowUp"], (event) => (event.target.closest("[data-canvas]") ? false : walkLines(-1)));

onKey(["f"], () => {
  const line = lineOf(document.activeElement) ?? document.querySelector("[data-line]:hover");
  const flag = line?.querySelector("[data-flag]");
  if (flag) flag.click();
  else return walkLines(1);
});

// ---- saved phrases ----------------------------------------------------------------------------

function fill(phrase) {
  const place = lastWords?.isConnected ? lastWords : comment();
  if (!place) return false;
  place.value = place.value ? `${place.value.replace(/[，。；\s]+$/, "")}；${phrase}` : phrase;
  place.focus();
  place.dispatchEvent(new Event("input", { bubbles: true }));
}

onKey(["1", "2", "3", "4", "5", "6", "7", "8", "9"], (_event, key) => {
  const phrase = document.querySelectorAll("[data-phrase]")[key - 1];
  return phrase ? fill(phrase.dataset.phrase) : false;
});

document.addEventListener("click", (event) => {
  const phrase = event.target.closest("[data-phrase]");
  if (phrase) fill(phrase.dataset.phrase);
});

// In an empty comment a digit is a phrase, too: nobody begins an opinion with a single digit.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches(WORDS) || event.isComposing || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && event.target.matches("input[data-words]")) {
    event.preventDefault();
    lineOf(event.target)?.querySelector("[data-flag]").focus();
  } else if (/^[1-9]$/.test(event.key) && !event.target.value) {
    const phrase = document.querySelectorAll("[data-phrase]")[event.key - 1];
    if (!phrase) return;
    event.preventDefault();
    lastWords = event.target;
    fill(phrase.dataset.phrase);
  }
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches(WORDS)) lastWords = event.target;
  const panel = document.querySelector("[data-phrases]");
  if (!panel) return;
  const wanted = event.target.matches("[data-comment]") || panel.contains(event.target);
  panel.classList.toggle("phrases_shown", wanted);
});

document.addEventListener("focusout", (event) => {
  if (event.relatedTarget || !event.target.matches("[data-comment], [data-phrases] *")) return;
  document.querySelector("[data-phrases]")?.classList.remove("phrases_shown");
});

// A press on a phrase must not take the focus away before the click arrives.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-phrases]")) event.preventDefault();
});

// ---- acts ----------------------------------------------------------------------------------------

// Where words are asked for that an act needs, Ctrl+Enter sends them on with it.
let asking = "";

function goOn(place) {
  const panel = place.closest("[data-act]");
  const action = panel ? "" : flagged().length ? "return" : asking || "approve";
  const button = panel?.querySelector("[type=submit]") ?? form()?.querySelector(`[value="${action}"]`);
  button?.click();
}

// The browser's own idea of Enter is the first button there is, whichever that may be: no field of the bar leaves it to
// the browser. In a panel Enter is the panel's button, elsewhere it decides nothing.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || field.form !== form()) return;
  if (!field.matches("input, select, textarea")) return;
  const sends = event.ctrlKey || event.metaKey;
  if (field.matches("textarea") && !sends) return;
  event.preventDefault();
  if (sends || field.closest("[data-act]")) goOn(field);
});

onKey(["e"], () => {
  const offer = document.querySelector("[data-offer]");
  if (!offer) return false;
  offer.scrollIntoView({ block: "nearest" });
  offer.focus();
});

onKey(["a", "r", "x", "h", "t"], (_event, key) => {
  const bar = form();
  const button = bar?.querySelector(`[data-key="${key}"]`);
  const panel = bar?.querySelector(`[data-act="${key}"]`);
  if (button) button.click();
  else if (panel) panel.querySelector("summary").click();
  else return false;
});

document.addEventListener(
  "toggle",
  (event) => {
    const act = event.target;
    if (!act.matches("[data-act]") || !act.open) return;
    for (const other of document.querySelectorAll("[data-act][open]")) if (other !== act) other.open = false;
    act.querySelector("select, input").focus();
  },
  true,
);

// Of the posts only those that somebody holds at the union; a single one is chosen by itself.
document.addEventListener("change", (event) => {
  const panel = event.target.closest("[data-held]");
  if (!panel || event.target.name !== "to_union") return;
  const role = panel.querySelector("[name=role]");
  const held = JSON.parse(panel.dataset.held)[event.target.value];
  for (const option of role.options) option.hidden = option.disabled = !!option.value && !!held && !held.includes(option.value);
  if (held?.length === 1) role.value = held[0];
  else if (role.selectedOptions[0]?.disabled) role.value = "";
});

/** A sentence that says what is still missing, or "" when the act may go. */
function missing(action) {
  const marked = flagged();
  if (action === "approve" && marked.length) return `还有 ${marked.length} 项标记着退回：取消标记，或按 R 退回。`;
  if (action === "return") {
    if (!marked.length) return "先标记要退回的项：↓ 选中一项，按 F。";
    const silent = marked.find((flag) => !words(lineOf(flag)).value.trim());
    if (silent) {
      words(lineOf(silent)).focus();
      return "写一句要改什么，申请人只看得到这句话。";
    }
  }
  if (action === "reject" && !comment()?.value.trim()) {
    comment()?.focus();
    return "先写明不予通过的原因，写完按 Ctrl+Enter。";
  }
  const empty = panelOf(action)?.querySelectorAll("select, input");
  const wanting = [...(empty ?? [])].find((field) => !field.value.trim());
  if (wanting) {
    wanting.focus();
    return `还差一项：${wanting.labels[0].textContent.trim()}。`;
  }
  return "";
}

const panelOf = (action) => form().querySelector(`[data-act] [value="${action}"]`)?.closest("[data-act]");

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  const action = event.submitter?.value;
  const sentence = missing(action);
  if (sentence || event.target.getAttribute("aria-busy")) {
    event.preventDefault();
    asking = action;
    say(sentence);
    return;
  }
  kept.delete(keyOfCase());
  event.target.setAttribute("aria-busy", "true");
  remember(action);
});

// ---- what was done to the case before, said beside the next one -------------------------------------------

const DONE = "desk.done";
const SAID = { approve: "已通过", return: "已退回", reject: "已不予通过", transfer: "已转办", hold: "已挂起", release: "已恢复办理" };
const opened = () => document.querySelector("[data-case]");

function remember(action) {
  const words = `${SAID[action]}：${opened().dataset.title}`;
  sessionStorage.setItem(DONE, JSON.stringify({ number: opened().dataset.case, words }));
}

/** The same case again means that it was not done; the page says why. */
function tellDone() {
  const done = JSON.parse(sessionStorage.getItem(DONE) ?? "null");
  sessionStorage.removeItem(DONE);
  const place = document.querySelector("[data-told]");
  if (!done || !place || done.number === opened()?.dataset.case) return;
  place.textContent = done.words;
  setTimeout(() => (place.textContent = ""), 6000);
}

window.addEventListener("pageshow", () => form()?.removeAttribute("aria-busy"));

onKey(["Escape"], () => {
  say("");
  const open = document.querySelector("[data-act][open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
    return undefined;
  }
  const active = document.activeElement;
  if (!active || !isTyping(active)) return false;
  const flag = lineOf(active)?.querySelector("[data-flag]");
  if (flag) flag.focus();
  else active.blur();
});

// ---- what was begun on a case survives a look at another -------------------------------------------

const kept = new Map();

function keyOfCase() {
  const bar = form();
  return bar ? `${bar.getAttribute("action")}#${bar.elements.version.value}` : "";
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "pane" || !form()) return;
  const marked = flagged().map((flag) => ({ name: flag.value, text: words(lineOf(flag)).value }));
  const begun = { comment: comment()?.value ?? "", flags: marked };
  if (begun.comment || begun.flags.length) kept.set(keyOfCase(), begun);
});

// Not before it has settled: until then htmx still carries over classes of the case before.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "pane") return;
  asking = "";
  const begun = kept.get(keyOfCase());
  for (const mark of begun?.flags ?? []) {
    const flag = flags().find((one) => one.value === mark.name);
    if (!flag) continue;
    flag.checked = true;
    words(lineOf(flag)).value = mark.text;
  }
  if (begun?.comment) comment().value = begun.comment;
  prepare();
});

function prepare() {
  showFlags();
  if (comment()) fit(comment());
}

// An opened value is read out from where it now stands.
document.addEventListener("htmx:afterSettle", (event) => event.detail.elt?.querySelector?.("[data-opened]")?.focus());

prepare();
tellDone();
