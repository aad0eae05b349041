import type { WeightMediumKind } from './weight-medium.ts';
import type { WeightPlan, WeightRecord } from './weight-record.ts';

/**
 * Where weights live, in chunks whose hashes are known beforehand.
 *
 * A chunk and the record that says it is there are written in one transaction, so that a crash leaves both or neither.
 * Bytes are hashed on their way in and on their way out. Records of later versions are never rewritten (`record-newer`);
 * malformed ones count as absent. Several tabs may use one store at once.
 *
 * Besides the errors named below every method may reject with `storage-failed`.
 */
export interface WeightStore {
  /** Where new models go. `memory`: nothing outlives the thread. */
  readonly medium: WeightMediumKind;
  /** Where a model lies; `medium` for one that is not there. */
  mediumOf(modelId: string): Promise<WeightMediumKind>;
  /** All models, whole or in part; malformed and newer records are left out. */
  list(): Promise<readonly WeightRecord[]>;
  /** The record of a model, or undefined. Rejects with `record-newer`. */
  record(modelId: string): Promise<WeightRecord | undefined>;
  /**
   * Makes the store ready for a plan and says what of it is already there. Chunks of an earlier plan stay where
   * position and hash agree, or where the plan does not know the hash; the others go. Rejects with `record-newer`,
   * `storage-full`.
   */
  prepare(plan: WeightPlan): Promise<WeightRecord>;
  /**
   * Verifies a chunk and stores it with the record, durably. Where its hash was unknown, it is pinned by this. Resolves with undefined where the model was removed meanwhile.
   * Rejects with `hash-mismatch` (nothing is stored) or `storage-full` (what was stored before stays).
   */
  putChunk(modelId: string, chunk: number, bytes: Uint8Array): Promise<WeightRecord | undefined>;
  /**
   * A verified chunk of the plan, for the caller to keep. Where the medium can, it is read into `buffer`, which is then
   * the buffer of the result; one that is too short, or of no use to the medium, is left alone. Rejects with `chunk-corrupt` where
   * it is missing, unreadable or changed.
   */
  readChunk(plan: WeightPlan, chunk: number, buffer?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>>;
  /** Forgets chunks, so that they are fetched again. Resolves with undefined where the model is not there. */
  dropChunks(modelId: string, chunks: readonly number[]): Promise<WeightRecord | undefined>;
  /**
   * Settles a model whose hashes were pinned: from now on it is complete, and described by this manifest. Rejects with
   * `chunk-corrupt` where chunks are missing.
   */
  seal(modelId: string, name: string, manifestText: string): Promise<WeightRecord | undefined>;
  /** Notes that a model is used now. Nothing happens for one that is not there. */
  touch(modelId: string): Promise<void>;
  /** Removes a model: its record, and every chunk under its name. Models that are not there are no error. */
  remove(modelId: string): Promise<void>;
  /** Gives the connection back. A later call opens it again. */
  close(): void;
}
