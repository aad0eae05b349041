import { PrecacheController, type PrecacheEntry } from 'workbox-precaching';
import { answerLocalApi, isLocalApi } from '../src/net/local-api/index.ts';
import { createShareTarget } from '../src/net/share-target/index.ts';
import type { NetworkRequestEvent, UpdateAcceptCommand } from '../src/protocol/index.ts';
import { countRequest } from '../src/storage/requests/index.ts';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: (PrecacheEntry | string)[] };

/** Assets of the version before this one: a tab that still runs it may need a part it has not asked for yet. */
const PREVIOUS_ASSETS = 'sotto-previous-assets';
/** Parts too large for everybody to fetch at once: kept when somebody first uses them, and then there offline too. */
const LARGE_PARTS = 'sotto-large-parts';
const isLargePart = (url: string) => /\/assets\/(ort-|transformers)[^/]*$/.test(url);
const ASSETS = new URL('assets/', self.registration.scope).href;
const SHELL = new URL('index.html', self.registration.scope).href;

const shell = new PrecacheController();
shell.addToCacheList(self.__WB_MANIFEST);

const shares = createShareTarget(self.registration.scope);

self.addEventListener('install', (event) => event.waitUntil(shell.install(event).then(countInstallation)));

self.addEventListener('activate', (event) => {
  event.waitUntil(
    keepPreviousAssets()
      .then(() => shell.activate(event))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until somebody asks for it: an update in the middle of an answer would lose the answer.
self.addEventListener('message', ({ data, ports }: ExtendableMessageEvent) => {
  shares.answer(data, ports);
  const command = data as Partial<UpdateAcceptCommand> | null;
  if (command?.type === 'update-accept') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (isLocalApi(request.url, self.registration.scope)) {
    event.respondWith(
      answerLocalApi(request, {
        scope: self.registration.scope,
        pages: () => self.clients.matchAll({ type: 'window', includeUncontrolled: false }),
        waitUntil: (work) => event.waitUntil(work),
      }),
    );
    return;
  }
  if (shares.isShare(request)) {
    event.respondWith(shares.receive(request, (work) => event.waitUntil(work)));
    return;
  }
  if (request.method !== 'GET' || isWeights(request.url)) {
    // Weights pass by untouched: streams of 100 MB gain nothing from a detour, and IndexedDB keeps them.
    event.waitUntil(reportRequest(request));
    return;
  }
  event.respondWith(request.mode === 'navigate' ? answerNavigation(request) : answerAsset(request));
});

/** The page itself comes from the cache, so that page and parts are always of one version. */
async function answerNavigation(request: Request): Promise<Response> {
  const url = withoutQuery(request.url);
  const stored = await matchShell(url);
  if (stored !== undefined) return stored;
  try {
    return await fromNetwork(request);
  } catch (error) {
    // Not the page itself: its addresses are relative, and would lead nowhere from a deeper path.
    if (url === SHELL || url === self.registration.scope) throw error;
    return Response.redirect(self.registration.scope);
  }
}

async function answerAsset(request: Request): Promise<Response> {
  const url = withoutQuery(request.url);
  const stored = (await matchShell(url)) ?? (url.startsWith(ASSETS) ? await matchPrevious(url) : undefined);
  return stored ?? (isLargePart(url) ? await fromLargeParts(url, request) : fromNetwork(request));
}

async function fromLargeParts(url: string, request: Request): Promise<Response> {
  const kept = await caches.open(LARGE_PARTS);
  const stored = await kept.match(url);
  if (stored !== undefined) return stored;
  const response = await fromNetwork(request);
  // Another build names them anew; one version is enough. That there is no room is no reason to fail.
  if (response.ok) await keepLargePart(kept, url, response.clone()).catch(() => {});
  return response;
}

async function keepLargePart(kept: Cache, url: string, response: Response): Promise<void> {
  const nameOf = (address: string) => address.replace(/-[\w-]{8}(\.\w+)$/, '$1');
  const outdated = (await kept.keys()).filter((key) => key.url !== url && nameOf(key.url) === nameOf(url));
  await Promise.all(outdated.map((key) => kept.delete(key)));
  await kept.put(url, response);
}

function matchShell(url: string): Promise<Response | undefined> {
  return shell.matchPrecache(url === self.registration.scope ? SHELL : url);
}

async function matchPrevious(url: string): Promise<Response | undefined> {
  return (await caches.open(PREVIOUS_ASSETS)).match(url);
}

/** Runs before the old entries are dropped; what was kept from the version before the last one goes. */
async function keepPreviousAssets(): Promise<void> {
  const current = new Set(shell.getURLsToCacheKeys().values());
  const cache = await caches.open(shell.strategy.cacheName);
  const outdated = (await cache.keys()).filter(({ url }) => url.startsWith(ASSETS) && !current.has(url));
  if (outdated.length === 0) return;
  await caches.delete(PREVIOUS_ASSETS);
  const previous = await caches.open(PREVIOUS_ASSETS);
  for (const request of outdated) {
    const response = await cache.match(request);
    if (response !== undefined) await previous.put(request, response);
  }
}

async function fromNetwork(request: Request): Promise<Response> {
  const response = await fetch(request);
  void reportRequest(request, bytesOf(response));
  return response;
}

/** The seal on the page counts these: every request of page and threads that was not answered from this device. */
async function reportRequest(request: Request, bytes = rangeBytes(request)): Promise<void> {
  const event: NetworkRequestEvent = { type: 'network-request', address: withoutQuery(request.url), at: Date.now() };
  void count(request.url, bytes || (isWeights(request.url) ? await restOfWeights(request) : 0), event.at);
  for (const client of await self.clients.matchAll({ type: 'window' })) client.postMessage(event);
}

/** What was fetched to work offline is in the account like everything else; what the browser still had from the page is not. */
async function countInstallation(): Promise<void> {
  for (const entry of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
    if (entry.transferSize > 0) await count(entry.name, entry.transferSize);
  }
}

/** The account that the privacy page shows. */
function count(url: string, bytes: number, at = Date.now()): Promise<void> {
  const reason = isWeights(url) ? 'model' : url.startsWith(self.registration.scope) ? 'page' : 'other';
  return countRequest({ host: new URL(url).host, reason, bytes, at });
}

function bytesOf(response: Response): number {
  return Number(response.headers.get('Content-Length') ?? 0);
}

/** Bytes that a request asks for, where it says so. */
function rangeBytes(request: Request): number {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('Range') ?? '') ?? [];
  return start === undefined || end === undefined ? 0 : Number(end) - Number(start) + 1;
}

/** Bytes of a request that asks for a model file to its end, which its published manifest knows; 0 where there is none. */
async function restOfWeights(request: Request): Promise<number> {
  const url = withoutQuery(request.url);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get('Range') ?? '')?.[1] ?? 0);
  for (const listed of shell.getCachedURLs().filter((address) => address.endsWith('/manifest.json'))) {
    const manifest = (await (await matchShell(listed))?.json().catch(() => null)) as {
      readonly file?: { readonly path?: unknown; readonly size?: unknown };
    } | null;
    const { path, size } = manifest?.file ?? {};
    if (typeof path === 'string' && typeof size === 'number' && new URL(path, listed).href === url) return size - start;
  }
  return 0;
}

function isWeights(url: string): boolean {
  return /\.(gguf|onnx)$/.test(withoutQuery(url));
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
