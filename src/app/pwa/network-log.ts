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

const LATEST = 20;

interface Sources {
  readonly serviceWorker: Pick<ServiceWorkerContainer, 'controller' | 'addEventListener'> | undefined;
  /** Calls back for each request of the page itself, with its address and start in milliseconds since 1970. */
  readonly observeResources: (callback: (address: string, at: number) => void) => void;
  readonly now: () => number;
}

/** Counts requests that left this device. The figure on the seal is this one, and nothing else. */
export function createNetworkLog({ serviceWorker, observeResources, now }: Sources): {
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
  observeResources((address, at) => {
    // The service worker sees these too, and knows which of them it answered itself.
    if (!isCovered()) record(address, at);
  });

  return {
    log,
    begin() {
      if (log.value.since !== null) return;
      log.value = { since: now(), count: 0, latest: [], coverage: isCovered() ? 'all' : 'page' };
    },
  };
}

/** The page's own requests, as the browser reports them. */
export function observePageResources(callback: (address: string, at: number) => void): void {
  if (!('PerformanceObserver' in globalThis)) return;
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      const url = new URL(name, location.href);
      if (url.protocol === 'http:' || url.protocol === 'https:') {
        callback(url.origin + url.pathname, performance.timeOrigin + startTime);
      }
    }
  }).observe({ type: 'resource', buffered: true });
}
