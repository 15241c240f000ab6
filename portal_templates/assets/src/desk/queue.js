// The list: J and K walk it, a case opens in the pane beside it.
import { onKey } from "./keys.js";

const links = () => [...document.querySelectorAll("[data-queue] [data-number]")];
const isPane = (event) => event.detail.target?.id === "pane";

let byKeyboard = false;
let openTheOnlyOne = false;

function walk(by) {
  const rows = links();
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[at < 0 ? 0 : at + by];
  if (!next) return undefined;
  byKeyboard = true;
  next.focus({ preventScroll: true });
  next.click();
}

onKey(["j"], () => walk(1));
onKey(["k"], () => walk(-1));

function markCurrent(number) {
  for (const row of links()) {
    if (row.dataset.number === number) {
      row.setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
    } else row.removeAttribute("aria-current");
  }
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

// A scanner types a number and presses Enter: one hit opens at once.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[role=search]")) openTheOnlyOne = true;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt?.id !== "results" || !openTheOnlyOne) return;
  openTheOnlyOne = false;
  const rows = links();
  if (rows.length === 1) rows[0].click();
});

const current = document.querySelector("[data-case]");
if (current) markCurrent(current.dataset.case);
