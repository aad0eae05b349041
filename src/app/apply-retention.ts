import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatController, ChatLibrary } from './state/index.ts';
import { type RetentionRecord, retentionOf } from './state/retention.ts';

const KEY = 'sotto-retention';

/** A page can stay open for weeks. */
const LOOK_EVERY_MS = 6 * 60 * 60_000;

export interface RetentionNotice {
  readonly days: number;
  /** Chats that will be deleted once the rule has been known for a day. */
  readonly announced: number;
}

/**
 * Deletes chats whose time is over by the site's policy: now, and from time to time. The chat that is open stays until it is left.
 * @param days null: chats are kept until the person deletes them
 */
export function applyRetention(
  library: Pick<ChatLibrary, 'chats' | 'failure' | 'remove'>,
  chat: Pick<ChatController, 'open'>,
  days: number | null,
): { readonly notice: ReadonlySignal<RetentionNotice | null>; readonly look: () => Promise<void> } {
  const notice = signal<RetentionNotice | null>(days === null ? null : { days, announced: 0 });
  const look = async () => {
    if (days === null || library.failure.value !== null) return;
    const { due, announced, record } = retentionOf(library.chats.value, days, Date.now(), read());
    write(record);
    notice.value = { days, announced };
    const leaving = due.filter((id) => id !== chat.open.value.chat.id);
    // What could not be deleted is tried again at the next look.
    if (leaving.length > 0) await library.remove(leaving).catch(() => {});
  };
  if (days !== null) setInterval(() => void look(), LOOK_EVERY_MS);
  return { notice, look };
}

function read(): RetentionRecord | null {
  try {
    const { days, knownSince, seen } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<RetentionRecord>;
    const isWhole = [days, knownSince, seen].every((value) => Number.isFinite(value));
    return isWhole ? ({ days, knownSince, seen } as RetentionRecord) : null;
  } catch {
    return null;
  }
}

function write(record: RetentionRecord): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(record));
  } catch {
    // Blocked: the rule is said anew each time, and nothing is deleted unsaid.
  }
}
