// The till's own: reading codes, and going on while there is no connection.
import { watchScan } from "./js/scan.js";
import { check, yuan } from "./js/till-check.js";
import { forget, keep, leftFen, refused, renewTerms, sync, terms, waiting } from "./js/till-store.js";

const PAGE = "/merchant/offline";
const CACHE = "till";
const AGAIN_MS = 20000;

watchScan(document);
const form = document.querySelector("[data-till-offline]");
if (form) goOn(form);
else if (document.querySelector("[data-till-waiting]")) prepare();

// While there is a connection: keep what is needed without one, and tell what was taken meanwhile.
async function prepare() {
  try {
    await renewTerms();
    await keepPage();
    await sync();
  } catch {
    // No connection: what was kept before is still there.
  }
  const count = waiting().length + refused().length;
  const line = document.querySelector("[data-till-waiting]");
  line.querySelector("[data-till-count]").textContent = count;
  line.hidden = !count;
}

async function keepPage() {
  if (!("caches" in window)) return;
  const own = [...document.querySelectorAll("script[src*='/till.']")].map((script) => script.src);
  const cache = await caches.open(CACHE);
  await cache.addAll([new Request(PAGE, { credentials: "omit" }), ...own]);
}

function goOn(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(form);
  });
  document.querySelector("[data-till-sync]").addEventListener("click", tell);
  document.querySelector("[data-till-refused]").addEventListener("click", ({ target }) => {
    const receipt = target.closest("[data-forget]")?.dataset.forget;
    if (receipt) forget(receipt);
    show();
  });
  addEventListener("online", tell);
  // A page that was loaded without network is not always told of its return.
  setInterval(() => waiting().length && navigator.onLine && tell(), AGAIN_MS);
  show();
  if (navigator.onLine) tell();
}

async function take(form) {
  const values = { code: form.code.value, amount: form.amount.value, receipt: form.receipt_no.value };
  const { wrong, item } = await check(values, { terms: terms(), waiting: waiting(), left: leftFen() });
  for (const name of ["code", "amount", "receipt_no"]) mark(form.elements[name], wrong?.[name]);
  if (wrong) {
    form.querySelector("[aria-invalid]").focus();
    return say("没有收下", "请改好下面标出的地方，再点一次。", "late");
  }
  try {
    keep(item);
  } catch {
    return say("没有收下", "这台手机存不下了，请等有网络再核销。", "late");
  }
  form.reset();
  say("已收下", `${item.name}抵 ${yuan(item.worth_fen)} 元，请收 ${yuan(item.amount_fen - item.worth_fen)} 元。`, "ok");
  show();
}

async function tell() {
  try {
    const status = await renewTerms();
    const { booked, status: stopped } = status === 200 ? await sync() : { booked: 0, status };
    if (stopped === 401) say("请先登录再同步", "登录以后，没有同步的都会自动记上。", "warn", "/desk/sign-in?next=/merchant/offline");
    else if (stopped) say("没有同步完", "请过一会儿再点一次“现在同步”。", "warn");
    else if (refused().length) say("有没记上账的", `记上 ${booked} 笔。没记上的列在下面，请和会员或工会核对。`, "warn");
    else if (booked) say("都记上账了", `同步了 ${booked} 笔。`, "ok");
  } catch {
    // Still no connection: the page says so itself.
  }
  show();
}

function show() {
  const known = terms();
  const shop = document.querySelector("[data-till-shop]");
  form.hidden = !known;
  shop.textContent = known
    ? `${known.shop_name}，今天断网还能抵扣 ${yuan(leftFen())} 元。收下的请在 ${known.keep_hours} 小时内同步。`
    : "这台手机还没有存好断网核销要用的东西。请在有网络时登录，打开一次核销页。";
  list("[data-till-waiting-list]", waiting(), (row, item) => {
    row.querySelector("[data-why]").remove();
    row.querySelector("[data-forget]").remove();
  });
  list("[data-till-refused]", refused(), (row, item) => {
    row.querySelector("[data-why]").textContent = item.why;
    row.querySelector("[data-forget]").dataset.forget = item.receipt_no;
  });
}

function list(place, items, finish) {
  const section = document.querySelector(place);
  section.hidden = !items.length;
  section.querySelector("ul").replaceChildren(
    ...items.map((item) => {
      const row = document.querySelector("[data-till-row]").content.cloneNode(true);
      row.querySelector("[data-name]").textContent = `${item.name}，小票号 ${item.receipt_no}`;
      const at = new Date(item.at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short", hour12: false });
      row.querySelector("[data-sums]").textContent =
        `${at}，消费 ${yuan(item.amount_fen)} 元，抵 ${yuan(item.worth_fen)} 元`;
      finish(row, item);
      return row;
    }),
  );
}

function say(title, words, tone, link = "") {
  const box = document.querySelector("[data-till-said]");
  box.className = `banner banner_${tone}`;
  box.querySelector("[data-title]").textContent = title;
  box.querySelector("[data-words]").textContent = words;
  const anchor = box.querySelector("a");
  anchor.hidden = !link;
  if (link) anchor.href = link;
  box.hidden = false;
}

// As the server marks a wrong field.
function mark(control, words) {
  const field = control.closest(".field");
  field.classList.toggle("field_wrong", Boolean(words));
  field.querySelector(".field__error")?.remove();
  if (!words) return control.removeAttribute("aria-invalid");
  control.setAttribute("aria-invalid", "true");
  const line = document.querySelector("[data-till-wrong]").content.cloneNode(true);
  line.querySelector("span").textContent = words;
  field.querySelector(".field__hint").before(line);
}
