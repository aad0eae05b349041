import { type ReadonlySignal, signal } from '@preact/signals';
import type { UpdateAcceptCommand } from '../../protocol/index.ts';
import { trustedScriptUrl } from '../../shared/index.ts';

export type ShellState =
  /** Not kept (yet): the page needs the network to open. */
  | { readonly kind: 'absent' }
  /** Kept: the page opens without a network. */
  | { readonly kind: 'kept' }
  /** A newer version waits for consent. */
  | { readonly kind: 'update-waiting'; readonly accept: () => void }
  /** Another tab accepted the update: this one runs the old version until it is reloaded. */
  | { readonly kind: 'update-elsewhere' };

export interface OfflineShell {
  readonly state: ReadonlySignal<ShellState>;
  /** Settles when the service worker controls the page, or when it is clear that none will. Never rejects. */
  readonly settled: Promise<void>;
}

/**
 * A service worker that is told to go while it still answers a loading page is started again by that page's next request, and
 * then goes only when it has been idle for half a minute (Chromium 156). So a page asks for the change when it has loaded.
 */
const LOADED_MS = 3_000;

/** How long a first visit waits for the shell to be stored before it goes on without it; on a slow line it takes a while. */
const CONTROL_TIMEOUT_MS = 120_000;

/** Registers the service worker. A failure costs the offline start and nothing else. */
export function keepOfflineShell(
  container: ServiceWorkerContainer | undefined,
  scriptUrl: string,
  reload: () => void,
): OfflineShell {
  const state = signal<ShellState>({ kind: 'absent' });
  if (container === undefined) return { state, settled: Promise.resolve() };
  let hasAccepted = false;
  let hadController = container.controller !== null;

  container.addEventListener('controllerchange', () => {
    const isFirst = !hadController;
    hadController = true;
    if (hasAccepted) reload();
    else if (isFirst) state.value = { kind: 'kept' };
    else state.value = { kind: 'update-elsewhere' };
  });

  const offer = (worker: ServiceWorker) => {
    state.value = {
      kind: 'update-waiting',
      accept() {
        hasAccepted = true;
        const ask = () => worker.postMessage({ type: 'update-accept' } satisfies UpdateAcceptCommand);
        setTimeout(ask, Math.max(0, LOADED_MS - performance.now()));
      },
    };
  };

  const watch = (registration: ServiceWorkerRegistration) => {
    if (registration.active !== null) state.value = { kind: 'kept' };
    if (registration.waiting !== null) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        // Without one that is active this is the first visit, and nothing is updated.
        if (worker.state === 'installed' && registration.active !== null) offer(worker);
      });
    });
  };

  const untilControlled = (registration: ServiceWorkerRegistration) =>
    new Promise<void>((resolve) => {
      // Active without control: the person reloaded past it, and it takes no page over a second time.
      if (container.controller !== null || registration.active !== null) resolve();
      container.addEventListener('controllerchange', () => resolve(), { once: true });
      registration.installing?.addEventListener('statechange', ({ target }) => {
        if ((target as ServiceWorker).state === 'redundant') resolve();
      });
      setTimeout(resolve, CONTROL_TIMEOUT_MS);
    });
  const settled = container.register(trustedScriptUrl(scriptUrl)).then(
    async (registration) => {
      watch(registration);
      await untilControlled(registration);
    },
    () => {},
  );
  return { state, settled };
}
