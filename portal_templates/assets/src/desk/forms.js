// Small things of the administration's forms: sent once, printed by a button.
import { onKey } from "./keys.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.getAttribute("aria-busy")) event.preventDefault();
  else form.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) form.removeAttribute("aria-busy");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A wrong form begins with the list of what is wrong, a new one where one goes on.
const wrong = document.getElementById("errors");
const first = document.querySelector("[data-focus] :is(button, a, select, textarea, input:not([type=hidden]))");
(wrong ?? first)?.focus();

onKey(["u"], () => {
  const button = document.querySelector("[data-undo] button");
  if (!button) return false;
  button.click();
});
