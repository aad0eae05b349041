import type { RecordHeader } from './record-codec.ts';

/** What a write changed: the sequence of a record that was put, or null for one that was deleted. */
export interface LedgerChange {
  readonly kind: string;
  readonly id: string;
  readonly sequence: number | null;
}

/** What goes into the `meta` store with the records, and what is done when it is there. */
export interface LedgerWrite {
  readonly meta: ReadonlyMap<string, unknown>;
  readonly done: () => void;
}

/** Knows which writing of each record was the last, so that an older one cannot pass for it. */
export interface RecordLedger {
  /** Called under the write lock, before the transaction. */
  stage(changes: readonly LedgerChange[]): Promise<LedgerWrite>;
  /** Rejects with `vault-damaged` where a record is not the one that was written last. */
  check(header: RecordHeader): Promise<void>;
}
