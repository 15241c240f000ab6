// The list: J and K walk it, a case opens in the pane beside it.
import { onKey } from "./keys.js";

const links = () => [...document.querySelectorAll("[data-queue] [data-number]")];
const isPane = (event) => event.detail.target?.id === "pane";

let byKeyboard = false;
let searched = false;
let walkOn = false;

// Where in the list one is; a case that has left it leaves its place to the one after it.
const PLACE = "desk.place";

function target(rows, by) {
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  if (at >= 0) return at + by;
  if (!document.querySelector("[data-case]")) return 0;
  const place = Math.min(Number(sessionStorage.getItem(PLACE) ?? 0), rows.length);
  return by > 0 ? Math.min(place, rows.length - 1) : Math.max(place - 1, 0);
}

function walk(by) {
  const rows = links();
  if (!rows.length) return false;
  const next = rows[target(rows, by)];
  if (!next) {
    const more = document.querySelector("#rows-more a");
    walkOn = by > 0 && more !== null;
    if (walkOn) more.click();
    return undefined;
  }
  byKeyboard = true;
  next.focus({ preventScroll: true });
  next.click();
}

onKey(["j"], () => walk(1));
onKey(["k"], () => walk(-1));

function markCurrent(number) {
  links().forEach((row, place) => {
    if (row.dataset.number === number) {
      row.setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
      sessionStorage.setItem(PLACE, place);
    } else row.removeAttribute("aria-current");
  });
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (!isPane(event)) return;
  const opened = event.detail.target.querySelector("[data-case]");
  if (!opened) return;
  markCurrent(opened.dataset.case);
  document.body.classList.add("desk_opened");
  document.title = document.title.replace(/^.*?(?= · 窗口)/, opened.dataset.title);
  if (!byKeyboard) opened.querySelector("[data-heading]").focus({ preventScroll: true });
  byKeyboard = false;
});

// A scanner types a number and presses Enter: one hit opens at once, of several the first waits for Enter, J or K.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[role=search]")) searched = true;
});

function markOpen() {
  const opened = document.querySelector("[data-case]");
  if (opened) markCurrent(opened.dataset.case);
}

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt?.id;
  if (part === "rows" && walkOn) {
    walkOn = false;
    walk(1);
  }
  if (part !== "results") return;
  sessionStorage.removeItem(PLACE);
  markOpen();
  if (!searched) return;
  searched = false;
  const rows = links();
  if (rows.length === 1) rows[0].click();
  else rows[0]?.focus();
});

// Esc in the search goes back to the whole list, at the case that is open.
onKey(["Escape"], (event) => {
  const search = event.target;
  if (!search.matches("[data-search]") || !search.value) return false;
  search.value = "";
  search.dispatchEvent(new Event("input", { bubbles: true }));
  search.blur();
});

// The case is read without leaving the list: these keys move it, whatever has the focus.
const PAGES = { " ": 0.8, PageDown: 0.8, PageUp: -0.8 };

onKey(Object.keys(PAGES), (event, key) => {
  const body = document.querySelector(".case__body");
  const presses = event.target.matches("button, summary, input") || event.target.closest("[data-canvas]");
  if (!body || (key === " " && presses)) return false;
  const by = key === " " && event.shiftKey ? -PAGES[key] : PAGES[key];
  body.scrollBy({ top: by * body.clientHeight });
});

document.querySelector(".filters [aria-current]")?.scrollIntoView({ block: "nearest" });
markOpen();
