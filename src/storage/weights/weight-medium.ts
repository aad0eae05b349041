/** Where chunks lie. `memory`: nothing outlives the thread. */
export type WeightMediumKind = 'indexeddb' | 'opfs' | 'memory';

/** What one transaction writes; `record: null` deletes the record. Chunks not named stay as they are. */
export interface MediumChange {
  readonly record: object | null;
  readonly putChunk?: { readonly chunk: number; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly deleteChunks?: readonly number[] | 'all';
}

/**
 * The part of a store that differs between media: transactions over untrusted values. `VerifiedWeightStore` builds on it and
 * owns versions, validation and hashes. Rejects with coded errors only.
 */
export interface WeightMedium {
  readonly kind: WeightMediumKind;
  /** Every stored record with the id of its key: a record may claim another. */
  records(): Promise<readonly (readonly [modelId: string, record: unknown])[]>;
  record(modelId: string): Promise<unknown>;
  /** The stored value, unverified; undefined where there is none. Rejects with `chunk-corrupt` where the disk cannot give it. */
  chunk(modelId: string, chunk: number, buffer?: ArrayBuffer): Promise<unknown>;
  /**
   * One transaction: gives the present record to `decide` and writes what it returns, or nothing for undefined.
   * `decide` runs inside the transaction and must not wait; what it throws aborts the transaction and is rethrown.
   */
  update(modelId: string, decide: (record: unknown) => MediumChange | undefined): Promise<void>;
  close(): void;
}
