/** What a model has read: the tokens, and the pages of its KV cache. */
export interface Snapshot {
  /** Names model, engine and layout; pages mean something to exactly these. */
  readonly binding: string;
  /** For people: what was read, and the model that read it. */
  readonly name: string;
  readonly model: string;
  readonly tokens: Int32Array;
  /** Pages of one size, as many as the tokens fill. */
  readonly pages: readonly Uint8Array[];
}

/** A snapshot without its pages. */
export interface SnapshotHead extends Omit<Snapshot, 'pages'> {
  readonly id: string;
}

/** What a list shows. */
export interface StoredSnapshot {
  readonly id: string;
  /** Empty where a locked vault keeps it. */
  readonly name: string;
  readonly model: string;
  readonly binding: string;
  readonly tokens: number;
  readonly bytes: number;
  /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
}

/**
 * Snapshots on disk. Anything that is not exactly what was written is refused and removed: reading the text again costs
 * time, a wrong cache would cost the answer. Every method may reject with `storage-failed` or `record-newer`.
 */
export interface SnapshotStore {
  /** All snapshots, used last first. */
  list(): Promise<readonly StoredSnapshot[]>;
  /** Those whose binding begins so, with their tokens. Damaged ones and those that a locked vault keeps are left out. */
  heads(bindingStart: string): Promise<readonly SnapshotHead[]>;
  /**
   * A snapshot for the caller to keep; counts as a use. Rejects with `snapshot-damaged` where it is missing or changed, and
   * has then removed it.
   */
  read(id: string): Promise<Snapshot>;
  /**
   * Stores a snapshot in place of one of the same tokens; those used longest ago make room. Rejects with `storage-full`
   * where it does not fit even alone.
   */
  write(snapshot: Snapshot): Promise<StoredSnapshot>;
  /** One that is not there is no error. */
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
  close(): void;
}
