// Photos open in the column beside the form, where both can be read at once.
import { onKey } from "./keys.js";

const photos = () => [...document.querySelectorAll("[data-photo]")];
const viewer = () => document.querySelector("[data-viewer]");
const isOpen = () => viewer() && !viewer().hidden;

let shown = -1;

function show(index) {
  const all = photos();
  const place = viewer();
  if (!place || !all.length) return false;
  shown = (index + all.length) % all.length;
  const photo = all[shown];
  for (const other of all) other.removeAttribute("aria-current");
  photo.setAttribute("aria-current", "true");
  place.hidden = false;
  place.closest(".case__columns").classList.add("case__columns_viewing");
  place.dataset.turn = "0";
  zoomTo("1");
  const image = place.querySelector("[data-image]");
  image.src = photo.href;
  image.alt = photo.dataset.photo;
  place.querySelector("[data-caption]").textContent = `${photo.dataset.photo}（${shown + 1} / ${all.length}）`;
  place.scrollIntoView({ block: "nearest" });
}

function shut() {
  viewer().hidden = true;
  viewer().closest(".case__columns").classList.remove("case__columns_viewing");
  viewer().querySelector("[data-image]").removeAttribute("src");
  const photo = photos()[shown];
  photo?.removeAttribute("aria-current");
  photo?.focus({ preventScroll: true });
}

function zoomTo(level) {
  viewer().dataset.zoom = level;
  viewer().querySelector("[data-zoom-word]").textContent = level === "3" ? "复原" : "放大";
  const canvas = viewer().querySelector("[data-canvas]");
  canvas.scrollTo((canvas.scrollWidth - canvas.clientWidth) / 2, (canvas.scrollHeight - canvas.clientHeight) / 2);
}

const acts = {
  step: (button) => show(shown + Number(button.dataset.step)),
  turn: () => {
    viewer().dataset.turn = String((Number(viewer().dataset.turn) + 1) % 4);
  },
  zoom: () => zoomTo({ 1: "2", 2: "3", 3: "1" }[viewer().dataset.zoom]),
  shut: () => shut(),
};

document.addEventListener("click", (event) => {
  const photo = event.target.closest("[data-photo]");
  if (photo && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(photos().indexOf(photo));
    return;
  }
  const button = event.target.closest("[data-viewer] button");
  const act = button && Object.keys(acts).find((name) => name in button.dataset);
  if (act) acts[act](button);
});

onKey(["v"], () => {
  if (isOpen()) shut();
  else if (show(0) !== false) viewer().querySelector("[data-canvas]").focus({ preventScroll: true });
  else return false;
});

// What is enlarged is moved by the arrows, as the browser does it; otherwise they turn over.
onKey(["ArrowLeft", "ArrowRight"], (event, key) => {
  if (!isOpen() || (viewer().dataset.zoom !== "1" && event.target.closest("[data-canvas]"))) return false;
  return show(shown + (key === "ArrowLeft" ? -1 : 1));
});

onKey(["z", "c"], (_event, key) => {
  if (!isOpen()) return false;
  acts[key === "z" ? "zoom" : "turn"]();
  viewer().querySelector("[data-canvas]").focus({ preventScroll: true });
});

onKey(["Escape"], () => (isOpen() ? shut() : false));
