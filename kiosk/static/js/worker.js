// Keeps what is shown while the service is gone, so that a page loaded anew at the wrong moment is no error page.
const KEPT = "kiosk-waiting";
const WAITING = "/kiosk/waiting";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(WAITING)));
  else if (/\/assets\//.test(request.url)) event.respondWith(fetch(request).catch(() => caches.match(request)));
});

async function keep() {
  const kept = await caches.open(KEPT);
  const page = await fetch(WAITING);
  const text = await page.clone().text();
  const parts = [...text.matchAll(/(?:href|src)="([^"]+\/assets\/[^"]+)"/g)].map(([, address]) => address);
  const scripts = parts.filter((one) => one.endsWith("waiting.js")).map((one) => one.replace("waiting.js", "watch.js"));
  await kept.put(WAITING, page);
  await kept.addAll([...parts, ...scripts]);
}
