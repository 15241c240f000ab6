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
    return "先写明不予通过的原因，再点“不予通过”。";
  }
  return "";
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  const sentence = missing(event.submitter?.value);
  if (sentence || event.target.getAttribute("aria-busy")) {
    event.preventDefault();
    say(sentence);
    return;
  }
  kept.delete(keyOfCase());
  event.target.setAttribute("aria-busy", "true");
});

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
