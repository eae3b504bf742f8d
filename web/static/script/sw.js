// The service worker: it keeps the app's shell, nothing else. Mail, sign-in and
// everything under /jmap and /auth never pass through it.
//
// Pages come from the bridge while it answers, so a new build is there on the next
// load; the kept page is for when it does not. A kept page and the assets it names
// were stored together, under one version: never a mix of two builds. All languages are
// kept, and that of the last page is what is shown.
/* global SHELL, VERSION */

const cacheName = "shell-" + VERSION;
const patience = 4000; // ms to wait for the bridge before the kept page is shown

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(cacheName);
      await cache.addAll(SHELL);
      await keepLanguage(await fetch("/"));
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("shell-") && name !== cacheName) await caches.delete(name);
      }
      await clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (!/^\/(jmap|auth|healthz)/.test(url.pathname)) event.respondWith(page(request));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(asset(request));
  }
});

const languageKey = "/language"; // not an address, but what the last page's language is kept under

async function keptPage() {
  const language = await (await caches.match(languageKey, { cacheName }))?.text();
  return (language && (await caches.match(`/index.${language}.html`, { cacheName }))) || caches.match("/index.html", { cacheName });
}

async function keepLanguage(response) {
  const language = response.headers.get("Content-Language");
  if (language) await (await caches.open(cacheName)).put(languageKey, new Response(language));
}

async function page(request) {
  const fresh = fetch(request);
  fresh.then(keepLanguage).catch(() => {});
  const kept = await keptPage();
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), patience));
  try {
    const response = await Promise.race([fresh, late]);
    return response.status < 500 ? response : kept;
  } catch {
    return kept;
  }
}

async function asset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
