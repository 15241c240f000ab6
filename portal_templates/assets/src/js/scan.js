// Reads a member's code with the camera or from a photo, where the browser can; typing always works.
const FORMAT = "qr_code";

export async function watchScan(page) {
  const box = page.querySelector("[data-scan]");
  if (!box || !(await canRead())) return;
  const detector = new BarcodeDetector({ formats: [FORMAT] });
  box.hidden = false;
  const camera = box.querySelector("[data-scan-camera]");
  if (navigator.mediaDevices?.getUserMedia) camera.addEventListener("click", () => toggle(box, camera, detector));
  else camera.hidden = true;
  box.querySelector("[data-scan-file]").addEventListener("change", (event) => fromPhoto(box, event.target, detector));
}

async function canRead() {
  if (!("BarcodeDetector" in window)) return false;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes(FORMAT);
}

async function toggle(box, camera, detector) {
  if (box.stream) return stop(box, camera);
  const view = box.querySelector("video");
  try {
    box.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    say(box, "没有打开相机。请在浏览器里允许使用相机，或者直接输入券码。");
    return;
  }
  view.srcObject = box.stream;
  view.hidden = false;
  camera.querySelector("span").textContent = "关闭相机";
  say(box, "请对准会员手机上的二维码。");
  await view.play();
  look(box, camera, detector);
}

async function look(box, camera, detector) {
  if (!box.stream || !box.isConnected) return stop(box, camera);
  const [found] = await detector.detect(box.querySelector("video")).catch(() => []);
  if (found && box.stream) {
    stop(box, camera);
    take(box, found.rawValue);
  } else {
    setTimeout(() => look(box, camera, detector), 150);
  }
}

function stop(box, camera) {
  box.stream?.getTracks().forEach((track) => track.stop());
  box.stream = null;
  box.querySelector("video").hidden = true;
  camera.querySelector("span").textContent = "打开相机扫码";
}

async function fromPhoto(box, input, detector) {
  const [photo] = input.files;
  if (!photo) return;
  try {
    const [found] = await detector.detect(await createImageBitmap(photo));
    if (found) take(box, found.rawValue);
    else say(box, "照片里没有找到二维码，请拍清楚一些，或者直接输入券码。");
  } catch {
    say(box, "这张照片打不开，请换一张，或者直接输入券码。");
  }
  input.value = "";
}

function take(box, text) {
  document.getElementById(box.dataset.scan).value = text;
  say(box, box.dataset.scanDone);
  navigator.vibrate?.(60);
  document.getElementById(box.dataset.scanNext).focus();
}

function say(box, words) {
  box.querySelector("[data-scan-said]").textContent = words;
}
