// Small things of the administration's forms: sent once, printed by a button.
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

// A wrong form begins with the list of what is wrong.
document.getElementById("errors")?.focus();
