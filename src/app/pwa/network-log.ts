import { type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkRequestEvent } from '../../protocol/index.ts';

export interface NetworkLog {
  /** Start of the count, in milliseconds since 1970; null before it begins. */
  readonly since: number | null;
  readonly count: number;
  /** The latest addresses, newest first, without queries. */
  readonly latest: readonly string[];
  /** `all`: the service worker counts for page and threads. `page`: there is none, and only the page's own requests are seen. */
  readonly coverage: 'all' | 'page';
}

/** A request as the page itself sees it. */
export interface PageRequest {
  readonly address: string;
  /** Its start, in milliseconds since 1970. */
  readonly at: number;
  /** Bytes that came over the network; 0: it was answered from this device. */
  readonly bytes: number;
  /** It passed through the service worker, which counts for itself. */
  readonly isSeen: boolean;
}

const LATEST = 20;

interface Sources {
  readonly serviceWorker: Pick<ServiceWorkerContainer, 'controller' | 'addEventListener'> | undefined;
  /** Calls back for each request of the page itself. */
  readonly observeResources: (callback: (request: PageRequest) => void) => void;
  /** Adds to the account of all requests what the service worker cannot have seen: it was not there yet. */
  readonly account?: (request: PageRequest) => void;
  readonly now: () => number;
}

/** Counts requests that left this device. The figure on the seal is this one, and nothing else. */
export function createNetworkLog({ serviceWorker, observeResources, account, now }: Sources): {
  readonly log: ReadonlySignal<NetworkLog>;
  begin(): void;
} {
  const isCovered = () => (serviceWorker?.controller ?? null) !== null;
  const log = signal<NetworkLog>({ since: null, count: 0, latest: [], coverage: 'page' });

  const record = (address: string, at: number) => {
    const { since, count, latest } = log.value;
    if (since === null || at < since) return;
    log.value = { ...log.value, count: count + 1, latest: [address, ...latest].slice(0, LATEST) };
  };

  serviceWorker?.addEventListener('message', ({ data }: MessageEvent) => {
    const event = data as Partial<NetworkRequestEvent> | null;
    if (event?.type !== 'network-request' || typeof event.address !== 'string' || typeof event.at !== 'number') return;
    record(event.address, event.at);
  });
  serviceWorker?.addEventListener('controllerchange', () => {
    log.value = { ...log.value, coverage: isCovered() ? 'all' : 'page' };
  });
  observeResources((request) => {
    if (!request.isSeen && request.bytes > 0) account?.(request);
    // The service worker sees these too, and knows which of them it answered itself.
    if (!isCovered()) record(request.address, request.at);
  });

  return {
    log,
    begin() {
      if (log.value.since !== null) return;
      log.value = { since: now(), count: 0, latest: [], coverage: isCovered() ? 'all' : 'page' };
    },
  };
}

/** The page's own requests, that for the page itself among them, as the browser reports them. */
export function observePageResources(callback: (request: PageRequest) => void): void {
  if (!('PerformanceObserver' in globalThis)) return;
  const observer = new PerformanceObserver((list) => {
    for (const { name, startTime, transferSize, workerStart } of list.getEntries() as PerformanceResourceTiming[]) {
      const url = new URL(name, location.href);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') continue;
      const at = performance.timeOrigin + startTime;
      callback({ address: url.origin + url.pathname, at, bytes: transferSize, isSeen: workerStart > 0 });
    }
  });
  for (const type of ['navigation', 'resource']) observer.observe({ type, buffered: true });
}
