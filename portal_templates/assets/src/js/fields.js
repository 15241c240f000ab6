// Small helps inside a form: conditional fields, table rows, the X of an identity number,
// finding a union by name, the place one stands at.
export function enhanceFields(page) {
  for (const form of page.querySelectorAll("form")) if (form.querySelector("[data-when]")) watchConditions(form);
  for (const rows of page.querySelectorAll("[data-rows]")) watchRows(rows);
  for (const input of page.querySelectorAll("[data-idno]")) helpIdentity(input);
  for (const box of page.querySelectorAll("[data-lookup]")) watchLookup(box);
  for (const box of page.querySelectorAll("[data-geo]")) offerPlace(box);
}

// "employ_form=newform" or "kind=a|b": hidden fields are not sent.
function watchConditions(form) {
  const apply = () => {
    for (const field of form.querySelectorAll("[data-when]")) {
      const [name, wanted] = field.dataset.when.split("=");
      const values = new FormData(form).getAll(name);
      const known = form.elements[name] !== undefined; // the other field may be on another screen
      field.hidden = known && !wanted.split("|").some((value) => values.includes(value));
      for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = field.hidden;
    }
  };
  form.addEventListener("change", apply);
  form.addEventListener("restored", apply);
  apply();
}

function watchRows(rows) {
  const list = rows.querySelector("[data-rows-list]");
  const blank = rows.querySelector("template");
  const most = Number(rows.dataset.rowsMax || 0);
  const settle = () => {
    const all = [...list.querySelectorAll("[data-row]")];
    all.forEach((row, index) => (row.querySelector("[data-row-no]").textContent = index + 1));
    rows.querySelector("[data-row-add]").hidden = most > 0 && all.length >= most;
    for (const row of all) row.querySelector("[data-row-remove]").hidden = all.length === 1;
  };
  let next = list.children.length;
  rows.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-row-remove]");
    if (!remove && !event.target.closest("[data-row-add]")) return;
    event.preventDefault();
    if (remove) {
      remove.closest("[data-row]").remove();
      list.querySelector("input, select, textarea")?.focus();
    } else {
      const holder = document.createElement("div");
      holder.innerHTML = blank.innerHTML.split("__i__").join(next++);
      list.append(holder.firstElementChild);
      list.lastElementChild.querySelector("input, select, textarea").focus();
    }
    settle();
    rows.dispatchEvent(new Event("change", { bubbles: true }));
  });
  settle();
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

export function checkDigitFits(number) {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return "10X98765432"[sum % 11] === number[17];
}

// The number pad has no X, so there is one beside the field.
function helpIdentity(input) {
  if (input.value.includes("*")) return;
  input.inputMode = "numeric";
  const key = Object.assign(document.createElement("button"), {
    type: "button",
    className: "control__side",
    textContent: "X",
  });
  key.setAttribute("aria-label", "末位填 X");
  key.addEventListener("click", () => {
    input.value = `${input.value.replace(/\D/g, "").slice(0, 17)}X`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.after(key);
  input.addEventListener("change", () => {
    input.value = input.value.replace(/\s/g, "").toUpperCase();
    const wrong = /^\d{17}[\dX]$/.test(input.value) && !checkDigitFits(input.value);
    complain(input, wrong ? "最后一位校验不通过，请对照证件再看一遍" : "");
  });
}

function complain(input, words) {
  const field = input.closest(".field");
  const id = `${input.id}-check`;
  document.getElementById(id)?.remove();
  field.classList.toggle("field_wrong", Boolean(words));
  const hint = field.querySelector(".field__hint")?.id;
  field.querySelector(".field__error")?.remove();
  input.setAttribute("aria-describedby", [words && id, hint].filter(Boolean).join(" "));
  if (!words) return input.removeAttribute("aria-invalid");
  const line = Object.assign(document.createElement("p"), { id, className: "field__error", textContent: words });
  line.setAttribute("role", "alert");
  input.closest(".control").after(line);
  input.setAttribute("aria-invalid", "true");
}

function watchLookup(box) {
  const search = box.querySelector("input[type=search]");
  const chosen = box.querySelector("input[type=hidden]");
  const found = box.querySelector(".lookup__found");
  let timer = 0;
  search.addEventListener("input", (event) => {
    event.stopPropagation(); // typing a search is not an answer yet
    chosen.value = "";
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const query = search.value.trim();
      if (query.length < 2) return found.replaceChildren();
      const answer = await fetch(`${box.dataset.lookup}?limit=8&q=${encodeURIComponent(query)}`).catch(() => null);
      if (answer?.ok) offer((await answer.json()).items);
    }, 300);
  });
  const offer = (unions) => {
    found.replaceChildren(
      ...unions.map((union) => {
        const button = Object.assign(document.createElement("button"), {
          type: "button",
          className: "lookup__item",
          textContent: union.name,
        });
        button.addEventListener("click", () => {
          search.value = union.name;
          chosen.value = union.id;
          found.replaceChildren();
          chosen.dispatchEvent(new Event("change", { bubbles: true }));
          search.focus();
        });
        return button;
      }),
    );
    if (!unions.length) found.textContent = "没有找到，可以先不填，工会会帮您分到工作所在地。";
  };
}

function offerPlace(box) {
  if (!navigator.geolocation) return;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "control__side",
    textContent: "用我现在的位置",
  });
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const [latitude, longitude] = box.querySelectorAll("input");
        latitude.value = coords.latitude.toFixed(6);
        longitude.value = coords.longitude.toFixed(6);
        longitude.dispatchEvent(new Event("change", { bubbles: true }));
      },
      () => (button.textContent = "没有拿到位置，请手工填写"),
    );
  });
  box.append(button);
}
