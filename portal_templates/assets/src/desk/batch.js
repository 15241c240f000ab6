// How many are ticked, and Space ticks the open row.
import { onKey } from "./keys.js";

const boxes = () => [...document.querySelectorAll("[data-pick]")];

function say() {
  const line = document.querySelector("[data-picked]");
  if (!line) return;
  const ticked = boxes().filter((box) => box.checked).length;
  line.textContent = ticked ? `已选 ${ticked} 件` : "选中几件，一起办";
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick]")) say();
});
document.addEventListener("htmx:afterSettle", say);

onKey(["s"], () => {
  const row = document.querySelector("[data-queue] [aria-current]")?.closest("li");
  const box = row?.querySelector("[data-pick]");
  if (!box) return;
  box.checked = !box.checked;
  say();
});

say();
