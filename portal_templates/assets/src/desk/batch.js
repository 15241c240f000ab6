// How many are ticked, S ticks the open row, B looks at them all. Ticks outlive decisions on other rows.
import { onKey } from "./keys.js";

const TICKED = "desk.ticked";
const boxes = () => [...document.querySelectorAll("[data-pick]")];
const kept = () => JSON.parse(sessionStorage.getItem(TICKED) ?? "[]");

function say() {
  const line = document.querySelector("[data-picked]");
  if (!line) return;
  const ticked = boxes().filter((box) => box.checked).length;
  line.textContent = ticked ? `已选 ${ticked} 件` : "按 S 勾选";
  line.closest("form").classList.toggle("batch-bar_ready", ticked > 0);
}

function keep() {
  const values = boxes().filter((box) => box.checked).map((box) => box.value);
  sessionStorage.setItem(TICKED, JSON.stringify(values));
  say();
}

function restore() {
  const values = new Set(kept());
  for (const box of boxes()) box.checked ||= values.has(box.value);
  say();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick]")) keep();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (["results", "rows"].includes(event.detail.elt?.id)) restore();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("#batch")) sessionStorage.removeItem(TICKED);
});

onKey(["s"], () => {
  const row = document.querySelector("[data-queue] [aria-current]")?.closest("li");
  const box = row?.querySelector("[data-pick]");
  if (!box) return;
  box.checked = !box.checked;
  keep();
});

onKey(["b"], () => {
  const button = document.querySelector("[data-batch]");
  if (!button) return false;
  if (boxes().some((box) => box.checked)) button.click();
  else document.querySelector("[data-picked]").textContent = "先按 S 勾选";
});

restore();
