import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { ExpertDraft, openExpertTable } from '../../storage/experts/index.ts';
import { hasVault } from '../../storage/vault/index.ts';

/** A pause in the work after which it is written. */
const WRITE_AFTER_MS = 300;

/** `vault`: a vault is on, which does not cover this. `storage`: the browser keeps nothing, or has no room. */
export type DraftState = 'kept' | 'vault' | 'storage';

/** A part of the work: what it is now, and how it is taken back. */
export interface DraftPart {
  readonly name: string;
  readonly value: ReadonlySignal<unknown>;
  /** Of untrusted data; throws where it makes no sense. */
  readonly restore: (value: unknown) => void;
}

/**
 * Keeps the work in this browser until the next visit. With a vault it keeps nothing, since it cannot seal it; that is asked anew at every write,
 * because another tab may switch one on.
 */
export async function keepDraft(parts: readonly DraftPart[]) {
  const state = signal<DraftState>('kept');
  const opened = await openExpertTable().then(
    (table) => new ExpertDraft(table),
    () => null,
  );
  const isShut = async (): Promise<boolean> => {
    if (opened === null) state.value = 'storage';
    else if (await hasVault()) state.value = 'vault';
    else return false;
    return true;
  };
  if (!(await isShut())) {
    for (const { name, restore } of parts) {
      try {
        const value = await opened?.read(name);
        if (value !== undefined) restore(value);
      } catch {
        // Of an older or newer version of this page: the work begins anew.
      }
    }
  }
  let waiting: Record<string, unknown> = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  const write = () => {
    clearTimeout(timer);
    const changes = waiting;
    waiting = {};
    if (Object.keys(changes).length === 0) return writing;
    writing = writing.then(async () => {
      try {
        if (await isShut()) await opened?.clear();
        else {
          await opened?.write(changes);
          state.value = 'kept';
        }
      } catch {
        state.value = 'storage';
      }
    });
    return writing;
  };
  for (const { name, value } of parts) {
    let isFirst = true;
    effect(() => {
      const now = value.value;
      // What was just read needs no writing.
      if (isFirst) {
        isFirst = false;
        return;
      }
      waiting[name] = now;
      clearTimeout(timer);
      timer = setTimeout(() => void write(), WRITE_AFTER_MS);
    });
  }
  // The page may go before the pause is over.
  addEventListener('pagehide', () => void write());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void write();
  });
  return state;
}
