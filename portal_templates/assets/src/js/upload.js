// Attachments one by one: each with its own progress, retry and removal.
import { dropFile, keepFile, unsentFiles } from "./files.js";
import { shrink } from "./shrink.js";

let line = Promise.resolve(); // one upload at a time: a slow network does not like twelve
const running = new WeakMap(); // form → uploads that are not settled

export function watchUploads(page) {
  for (const slot of page.querySelectorAll("[data-slot]")) watch(slot);
}

function watch(slot) {
  const input = slot.querySelector("input[type=file]");
  const form = slot.closest("form");
  input.addEventListener("change", () => {
    for (const file of input.files) add(slot, file);
    input.value = "";
  });
  slot.addEventListener("click", (event) => {
    const button = event.target.closest("[data-file-remove]");
    if (!button) return;
    event.preventDefault();
    remove(slot, button.closest("[data-file]"));
  });
  unsentFiles(form.dataset.kept ?? location.pathname).then((files) => {
    for (const file of files)
      if (file.slot === slot.dataset.slot)
        add(slot, new File([file.blob], file.name, { type: file.blob.type }), file.id);
  });
}

async function add(slot, file, keptId) {
  const room = Number(slot.dataset.max) - slot.querySelectorAll("[data-file]").length;
  if (room <= 0 && Number(slot.dataset.max) === 1) remove(slot, slot.querySelector("[data-file]"));
  else if (room <= 0) return tell(slot, `最多 ${slot.dataset.max} 张，多出的没有加上`);
  const row = rowFor(file);
  slot.querySelector("[data-list]").append(row);
  count(slot);
  const small = await shrink(file);
  row.unsent = {
    blob: small,
    name: file.name,
    id:
      keptId ??
      (await keepFile(
        slot.closest("form").dataset.kept ?? location.pathname,
        slot.dataset.slot,
        file.name,
        small,
      )),
  };
  start(slot, row);
}

function start(slot, row) {
  row.classList.remove("upload__file_failed");
  row.querySelector("[data-retry]").hidden = true;
  state(row, "排队等待上传");
  const form = slot.closest("form");
  const done = (line = line.then(() => row.isConnected && transfer(slot, row)));
  const waiting = running.get(form) ?? new Set();
  running.set(form, waiting.add(done));
  done.finally(() => waiting.delete(done));
}

function transfer(slot, row) {
  const bar = row.querySelector("progress");
  bar.hidden = false;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    row.request = request;
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
      state(row, `正在上传 ${Math.round((loaded / total) * 100)}%`);
    };
    request.onloadend = () => {
      bar.hidden = true;
      if (request.status === 201) accept(slot, row, JSON.parse(request.responseText));
      else fail(row, request);
      resolve();
    };
    const body = new FormData();
    body.append("file", row.unsent.blob, row.unsent.name);
    request.open("POST", slot.dataset.uploadUrl);
    request.send(body);
  });
}

function accept(slot, row, { id }) {
  const kept = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: `attach.${slot.dataset.slot}`,
    value: id,
  });
  row.append(kept);
  state(row, `${sizeText(row.unsent.blob.size)} · 已上传`);
  dropFile(row.unsent.id);
  row.unsent = null;
  slot.classList.remove("field_wrong");
  count(slot);
  slot.dispatchEvent(new Event("change", { bubbles: true }));
}

function fail(row, request) {
  row.classList.add("upload__file_failed");
  row.querySelector("[data-retry]").hidden = false;
  let words = "没有网络，照片还在，点“重试”接着传";
  if (request.status) {
    try {
      words = JSON.parse(request.responseText).detail || words;
    } catch {
      words = "没有传上去，请重试";
    }
  }
  state(row, words);
}

function remove(slot, row) {
  row.request?.abort();
  if (row.unsent) dropFile(row.unsent.id);
  row.remove();
  count(slot);
  slot.dispatchEvent(new Event("change", { bubbles: true }));
  slot.querySelector("input[type=file]").focus();
}

// Resolves to whether everything that was chosen has arrived.
export async function uploadsDone(form, telling) {
  for (const row of form.querySelectorAll(".upload__file_failed")) start(row.closest("[data-slot]"), row);
  const waiting = running.get(form);
  if (waiting?.size) {
    telling();
    await Promise.all([...waiting]);
  }
  return !form.querySelector(".upload__file_failed");
}

function rowFor(file) {
  const row = document.querySelector("#upload-row").content.firstElementChild.cloneNode(true);
  if (file.type.startsWith("image/")) {
    const picture = Object.assign(new Image(48, 48), { src: URL.createObjectURL(file), alt: "" });
    row.querySelector(".upload__thumb").replaceChildren(picture);
  }
  row.querySelector("[data-name]").textContent = file.name;
  row.querySelector("[data-file-remove]").setAttribute("aria-label", `删除 ${file.name}`);
  const retry = row.querySelector("[data-retry]");
  retry.setAttribute("aria-label", `重试上传 ${file.name}`);
  retry.addEventListener("click", () => start(row.closest("[data-slot]"), row));
  return row;
}

function state(row, words) {
  row.querySelector("[data-state]").textContent = words;
}

function count(slot) {
  const files = slot.querySelectorAll("[data-file]").length;
  slot.querySelector("[data-count]").textContent = `${files} / ${slot.dataset.max}`;
  slot.querySelector("[data-face]").textContent = files ? "继续添加" : "拍照或选择文件";
  slot.querySelector(".upload__pick").hidden = files >= Number(slot.dataset.max) && Number(slot.dataset.max) > 1;
  if (files && slot.dataset.max === "1") slot.querySelector("[data-face]").textContent = "换一张";
}

function tell(slot, words) {
  slot.querySelector("[data-count]").textContent = words;
}

const sizeText = (bytes) =>
  bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`;
