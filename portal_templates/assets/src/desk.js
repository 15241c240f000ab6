// The desk. Pages work without any of this; scripts make it quick.
import htmx from "htmx.org";
import { enhanceFields } from "./js/fields.js";
import { watchScan } from "./js/scan.js";
import { watchUploads } from "./js/upload.js";
import "./desk/keys.js";
import "./desk/queue.js";
import "./desk/batch.js";
import "./desk/decision.js";
import "./desk/photos.js";
import "./desk/forms.js";
import "./desk/answers.js";
import "./desk/presence.js";

document.documentElement.classList.add("js");

// Pages of a desk show personal data: going back fetches them again, nothing is kept in the browser.
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;

enhanceFields(document);
watchUploads(document);
watchScan(document);
