import type { RemoteChange } from './record-store.ts';

const CHANNEL = 'sotto-records';

export interface RemoteChanges {
  tell(changes: readonly RemoteChange[]): void;
  listen(listener: (changes: readonly RemoteChange[]) => void): () => void;
  close(): void;
}

/** Tells the other tabs of this browser what was written: names of records only, never what they hold. */
export function openRemoteChanges(): RemoteChanges {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : undefined;
  const listeners = new Set<(changes: readonly RemoteChange[]) => void>();
  channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!Array.isArray(data)) return;
    const changes = data.filter(isChange);
    if (changes.length > 0) for (const listener of listeners) listener(changes);
  });
  return {
    tell: (changes) => channel?.postMessage(changes.map(({ kind, id, parent }) => ({ kind, id, parent }))),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => channel?.close(),
  };
}

function isChange(value: unknown): value is RemoteChange {
  const { kind, id, parent } = (value ?? {}) as Partial<RemoteChange>;
  return typeof kind === 'string' && typeof id === 'string' && typeof parent === 'string';
}
