// The inspector's pages without a network. Before this the server puts `const SHELL = {root, version,
// files}`. It keeps the list, one shell for every visit, and their files: never an answer with data.

/* global SHELL */
const KEPT = `inspect-shell-${SHELL.version}`;
const LIST = `${SHELL.root}/inspect`;
const VISIT = `${SHELL.root}/inspect/shell`;
const FILES = `${SHELL.root}/static/`;
const SLOW_MS = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

async function fill() {
  const cache = await caches.open(KEPT);
  await cache.addAll(SHELL.files.map((url) => new Request(url, { cache: "reload" })));
  for (const url of [LIST, VISIT]) {
    const page = await fetch(url, { redirect: "manual", cache: "no-store" }).catch(() => null);
    if (page) await keep(url, page);
    if (await cache.match(url)) continue;
    const old = await caches.match(url); // nobody is signed in just now: the page of the last version
    if (old) await cache.put(url, old);
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil(clean().then(() => self.clients.claim()));
});

async function clean() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("inspect-shell-") && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const kept = keptAs(url.pathname);
    if (kept) event.respondWith(page(event, kept));
  } else if (url.pathname.startsWith(FILES)) event.respondWith(file(request));
});

/** Under which address the page is kept: every visit has the same shell. */
function keptAs(path) {
  if (path === LIST) return LIST;
  return /^\/inspect\/\d+$/.test(path.slice(SHELL.root.length)) ? VISIT : null;
}

/** The page from the server if it comes in time; else the one kept here. */
async function page(event, url) {
  const fresh = fetch(event.request).then(
    async (answer) => {
      await keep(url, answer.clone());
      return answer.status >= 500 ? null : answer;
    },
    () => null,
  );
  event.waitUntil(fresh);
  const slow = new Promise((go) => setTimeout(() => go(null), SLOW_MS));
  const kept = await caches.match(url, { cacheName: KEPT });
  const answer = kept ? await Promise.race([fresh, slow]) : await fresh;
  return answer || kept || Response.error();
}

/** Keeps the page itself: not the way to the sign-in page, not an error. */
async function keep(url, answer) {
  const html = (answer.headers.get("Content-Type") || "").startsWith("text/html");
  if (!answer.ok || answer.redirected || !html) return;
  const cache = await caches.open(KEPT);
  await cache.put(url, answer);
}

/** A new version has a cache of its own: what is kept is right. */
async function file(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await cache.put(request, answer.clone());
  return answer;
}
