// The open case says every minute that somebody looks at it, and says when it is left. A page that nobody has touched
// for a while says nothing, or it would keep a session alive that should end by itself.
import htmx from "htmx.org";

const EVERY = 60_000;
const AWAY = 10 * EVERY;

let here = null;
let touched = Date.now();

const place = () => document.querySelector("[data-leave]");
const leave = (address) => fetch(address, { method: "POST", keepalive: true }).catch(() => {});

function moved() {
  const next = place()?.dataset.leave ?? null;
  if (here && here !== next) leave(here);
  here = next;
}

for (const name of ["pointermove", "keydown", "scroll"]) {
  document.addEventListener(name, () => (touched = Date.now()), { capture: true, passive: true });
}

setInterval(() => {
  const looking = document.visibilityState === "visible" && Date.now() - touched < AWAY;
  if (looking && place()) htmx.trigger(place(), "present");
}, EVERY);

document.addEventListener("htmx:afterSettle", moved);
window.addEventListener("pagehide", () => {
  if (here) leave(here);
});

moved();
