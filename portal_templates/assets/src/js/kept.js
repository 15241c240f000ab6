// What was typed, kept on this device until the server has it. One copy per form, named by its
// path; a week old copy is forgotten, and signing out forgets all.
const PREFIX = "kept:";
const A_WEEK = 7 * 24 * 3600 * 1000;
const OWN = new Set(["idempotency_key", "version", "go"]);

// A phone may be lent: only the person who typed it gets it back.
export const owner = () => document.querySelector("#main")?.dataset.owner ?? "";

export function readKept(path) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + path));
    return kept && Date.now() - kept.at < A_WEEK ? kept : null;
  } catch {
    return null;
  }
}

export function writeKept(path, change) {
  const kept = { fields: {}, ...readKept(path), ...change, owner: owner(), at: Date.now() };
  try {
    localStorage.setItem(PREFIX + path, JSON.stringify(kept));
    return kept;
  } catch {
    return null; // private mode or full: the server's draft is then the only copy
  }
}

export function dropKept(path) {
  try {
    localStorage.removeItem(PREFIX + path);
  } catch {
    // nothing was kept either
  }
}

export function allKept() {
  const paths = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  return paths
    .map((key) => [key.slice(PREFIX.length), readKept(key.slice(PREFIX.length))])
    .filter(([, kept]) => kept);
}

export function clearKept() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  indexedDB.deleteDatabase("unsent-files");
}

// Name → list of values, of everything a person can fill in. Names with no value count too:
// an emptied choice has to reach the server as empty.
export function fieldsOf(form) {
  const fields = {};
  for (const control of form.elements) {
    if (!control.name || OWN.has(control.name) || control.disabled) continue;
    if (control.type === "submit" || control.type === "file" || control.name.startsWith("attach.")) continue;
    const values = (fields[control.name] ??= []);
    if ((control.type === "checkbox" || control.type === "radio") && !control.checked) continue;
    values.push(control.value);
  }
  return fields;
}

// What other screens of the same form hold, with this screen's fields on top. Rows that were
// taken out of a table must not come back.
export function merged(older, form) {
  const tables = tablesOf(form).map((name) => `${name}.`);
  const others = Object.entries(older).filter(([name]) => !tables.some((table) => name.startsWith(table)));
  return { ...Object.fromEntries(others), ...fieldsOf(form) };
}

const tablesOf = (form) => [...form.querySelectorAll("[data-rows]")].map((rows) => rows.dataset.rows);

export function attachmentsOf(form) {
  const slots = {};
  for (const slot of form.querySelectorAll("[data-slot]")) {
    const ids = [...slot.querySelectorAll('input[name^="attach."]')].map((input) => input.value);
    slots[slot.dataset.slot] = ids;
  }
  return slots;
}

export function fill(form, fields) {
  for (const rows of form.querySelectorAll("[data-rows]")) makeRoom(rows, Object.keys(fields));
  for (const control of form.elements) {
    const values = fields[control.name];
    if (!values || control.type === "file" || control.type === "submit") continue;
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (values.length) control.value = values[values.length - 1];
  }
}

function makeRoom(rows, names) {
  const indexes = names.filter((name) => name.startsWith(`${rows.dataset.rows}.`)).map((name) => name.split(".")[1]);
  const wanted = Math.max(0, ...indexes.map(Number)) + 1;
  for (let has = rows.querySelectorAll("[data-row]").length; has < wanted; has++) {
    rows.querySelector("[data-row-add]").click();
  }
}
