// Photos that are not sent yet, kept in the browser's database until they are.
const NAME = "unsent-files";
const STORE = "files";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(mode, act) {
  try {
    const base = await open();
    return await new Promise((resolve, reject) => {
      const request = act(base.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }).finally(() => base.close());
  } catch {
    return undefined; // no database in private mode: the page itself still holds the file
  }
}

export const keepFile = (path, slot, name, blob) =>
  run("readwrite", (store) => store.add({ path, slot, name, blob, at: Date.now() }));

export const dropFile = (id) => id !== undefined && run("readwrite", (store) => store.delete(id));

export async function unsentFiles(path) {
  const all = (await run("readonly", (store) => store.getAll())) ?? [];
  return all.filter((file) => file.path === path);
}
