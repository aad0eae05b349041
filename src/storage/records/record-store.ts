import type { RecordHeader } from './record-codec.ts';

/** A record as it was read: its value is untrusted until its room has validated it. */
export interface StoredRecord extends RecordHeader {
  readonly value: unknown;
}

/** One step of a write; a value of `undefined` deletes. */
export interface RecordChange {
  readonly kind: string;
  readonly id: string;
  readonly parent?: string;
  readonly version: number;
  readonly value: unknown;
}

/** A record that made no sense. It is kept, out of the way. */
export interface SetAside {
  readonly kind: string;
  readonly id: string;
  readonly parent: string;
  readonly reason: string;
}

/** What another tab wrote. */
export interface RemoteChange {
  readonly kind: string;
  readonly id: string;
  readonly parent: string;
}

export interface RecordStore {
  /** `memory`: the browser offers no storage; everything goes when the page closes. */
  readonly medium: 'indexeddb' | 'memory';
  read(kind: string, id: string): Promise<StoredRecord | undefined>;
  /** All records of a kind, or those of one parent. A record that cannot be opened is left out and counted as damaged. */
  list(kind: string, parent?: string): Promise<readonly StoredRecord[]>;
  /** All changes or none, on disk when it resolves. Rejects with `storage-full`, `storage-failed` or `record-newer`. */
  write(changes: readonly RecordChange[]): Promise<void>;
  /** Sets a record aside that cannot be understood: out of the way, and not lost. */
  quarantine(record: RecordHeader, reason: string): Promise<void>;
  /** Records set aside, with the reason. */
  quarantined(): Promise<readonly SetAside[]>;
  /** Deletes records that were set aside: what they belonged to was deleted. */
  dropAside(isGone: (record: SetAside) => boolean): Promise<void>;
  /** Deletes every record; the database is empty afterwards. */
  clear(): Promise<void>;
  /** Told what other tabs wrote. Returns the function that stops listening. */
  onRemoteChange(listener: (changes: readonly RemoteChange[]) => void): () => void;
  close(): void;
}
