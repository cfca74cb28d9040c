/**
 * The service worker: the app's own files are on the phone before it says that it is ready, and are served from there.
 * Data are none of its business: they live in IndexedDB, and calls of the API pass it by. A new version waits until
 * the app asks it to take over, or until no window of the old one is left. It also shows what the office sends while the
 * app is closed, and opens the place that somebody presses on.
 */
declare const FILES: string[];
declare const VERSION: string;

/** What the server sends; see `app/push`. */
interface Message {
  title: string;
  body: string;
  url: string;
  tag: string;
}

const PREFIX = 'field-';
const CACHE = PREFIX + VERSION;
const SHELL = '/field/';
const files = [SHELL, ...FILES];

const worker = self as unknown as ServiceWorkerGlobalScope;

worker.addEventListener('install', (event) => event.waitUntil(store()));
worker.addEventListener('activate', (event) => event.waitUntil(settle()));

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(kept(SHELL, request));
  else if (files.includes(pathname)) event.respondWith(kept(pathname, request));
});

worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting();
  if (event.data === 'complete?') event.waitUntil(complete().then((answer) => event.ports[0]?.postMessage(answer)));
});

worker.addEventListener('push', (event) => event.waitUntil(told(event.data?.json() as Message)));

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(opened((event.notification.data as { url: string }).url));
});

/** Files whose names change with their content are taken over from the version before. */
async function store(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const address of files) {
    const known = address.startsWith('/assets/') ? await caches.match(address) : undefined;
    if (known) await cache.put(address, known);
    else await cache.add(new Request(address, { cache: 'no-cache' }));
  }
}

async function settle(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await worker.clients.claim();
}

async function kept(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}

/** Whether every file is really there: browsers evict storage without a word. */
async function complete(): Promise<boolean> {
  const cache = await caches.open(CACHE);
  const found = await Promise.all(files.map((address) => cache.match(address)));
  return found.every(Boolean);
}

const windows = () => worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

/** Shows the message (browsers demand it each time) and lets open windows meet the server. */
async function told({ title, body, url, tag }: Message): Promise<void> {
  for (const each of await windows()) each.postMessage({ news: true });
  await worker.registration.showNotification(title, { body, tag, icon: '/field/icon-192.png', data: { url } });
}

/** The app at a place of its own: in the window that is there, else in a new one. */
async function opened(url: string): Promise<void> {
  const [one] = (await windows()).filter((each) => new URL(each.url).pathname.startsWith(SHELL));
  if (!one) return void (await worker.clients.openWindow(url));
  one.postMessage({ go: url });
  await one.focus();
}

export {};
