// Comfort for the member portal. Everything here also works without it.
import { watchDrafts } from "./js/autosave.js";
import { refreshCard } from "./js/card.js";
import { startCountdowns } from "./js/countdown.js";
import { enhanceFields } from "./js/fields.js";
import { clearKept } from "./js/kept.js";
import { watchLinks } from "./js/links.js";
import { listKept, sendQueued } from "./js/queue.js";
import { watchSubmit } from "./js/submit.js";
import { watchUploads } from "./js/upload.js";

document.documentElement.classList.add("js");

// Called again for a page that arrived as the answer to a form.
export function enhance() {
  enhanceFields(document);
  watchUploads(document);
  watchDrafts(document);
  startCountdowns(document);
  refreshCard(document);
  listKept(document);
  if (document.querySelector("[hx-get], [hx-post], [hx-put], [hx-delete], [hx-boost]")) import("htmx.org");
}

watchLinks();
watchSubmit(enhance);
enhance();
sendQueued();
addEventListener("online", sendQueued);

document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/sign-out")) clearKept();
});

if ("serviceWorker" in navigator && window.isSecureContext) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
