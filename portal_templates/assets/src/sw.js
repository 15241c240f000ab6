// Keeps our own files and one page for the time without network. Pages of a person are never kept.
const CACHE = `assets-${KEPT_ASSETS.join("-")}`;
const OFFLINE = "/offline";
const TILL = "/merchant/offline"; // kept by the tills themselves, with its script
const FILES = KEPT_ASSETS.map((name) => `/assets/${name}`);

self.addEventListener("install", (event) => {
  const kept = caches
    .open(CACHE)
    .then((cache) => cache.addAll([new Request(OFFLINE, { credentials: "omit" }), ...FILES]));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith("assets-") && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (url.pathname.startsWith("/assets/till.")) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  } else if (request.mode === "navigate" && !url.pathname.startsWith("/desk")) {
    event.respondWith(fetch(request).catch(() => without(url.pathname)));
  }
});

async function without(path) {
  const till = path.startsWith("/merchant") ? await caches.match(TILL) : null;
  return till ?? caches.match(OFFLINE);
}
