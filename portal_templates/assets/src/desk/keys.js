// One listener for all keys. Modules say which keys they take; a handler that returns false passes.
const taken = new Map();

export function onKey(keys, handler) {
  for (const key of keys) taken.set(key, [...(taken.get(key) ?? []), handler]);
}

export function isTyping(element) {
  if (element.matches("textarea, select, [contenteditable]")) return true;
  return element.matches("input") && !element.matches("[type=checkbox], [type=radio], [type=submit]");
}

// A Chinese keyboard gives full-width signs for these.
const SAME = { "、": "/", "？": "?" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return;
  const key = SAME[event.key] ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (isTyping(event.target) && key !== "Escape") return;
  for (const handler of taken.get(key) ?? []) {
    if (handler(event, key) !== false) {
      event.preventDefault();
      return;
    }
  }
});

onKey(["/"], () => {
  const search = document.querySelector("[data-search]");
  if (!search) return false;
  search.focus();
  search.select();
});

onKey(["?"], () => {
  const help = document.getElementById("keys");
  if (!help) return false;
  help.open = !help.open;
});

// Esc undoes one thing at a time: the table of keys first, then what the case opened, then the focus.
onKey(["Escape"], () => {
  const help = document.getElementById("keys");
  if (!help?.open) return false;
  help.open = false;
});
