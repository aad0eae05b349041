import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { chunkCorrupt } from './verified-weight-store.ts';
import type { WeightRecord } from './weight-record.ts';
import type { WeightStore } from './weight-store.ts';

/** Chunks kept in memory: the one being read, the one before (reads straddle), and the one read ahead. */
const CACHED_CHUNKS = 3;

/**
 * A stored model as a `ByteSource`. Every chunk is verified against its hash when it is read from the store; reads that move
 * forward find the next chunk already on its way. Memory: three chunks; what leaves the cache is given back at once.
 *
 * Rejects with `model-unknown` where the model is not stored, `record-newer`, and `chunk-corrupt` where chunks are missing;
 * `read` rejects with `chunk-corrupt` (details: modelId, chunk) where stored bytes changed.
 */
export async function openStoredModel(store: WeightStore, modelId: string): Promise<ByteSource> {
  const record = await store.record(modelId);
  if (record !== undefined && !record.isSealed && record.stored.every(Boolean)) {
    throw chunkCorrupt(modelId, 0, 'was never confirmed');
  }
  return openStoredChunks(store, modelId);
}

/** The same for a model whose hashes are not settled yet: for whoever settles them. */
export async function openStoredChunks(store: WeightStore, modelId: string): Promise<ByteSource> {
  const record = await store.record(modelId);
  if (record === undefined) throw new SottoError('model-unknown', `The model "${modelId}" is not stored here.`);
  const missing = record.stored.indexOf(false);
  if (missing !== -1) throw chunkCorrupt(modelId, missing, 'is missing');
  return new StoredModelSource(store, record);
}

class StoredModelSource implements ByteSource {
  readonly #store: WeightStore;
  readonly #record: WeightRecord;
  /** In order of last use. */
  readonly #chunks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  readonly #spare: ArrayBuffer[] = [];

  constructor(store: WeightStore, record: WeightRecord) {
    this.#store = store;
    this.#record = record;
  }

  get size(): number {
    return this.#record.size;
  }

  get contentName(): string {
    return this.#record.chunks.join();
  }

  /** The array may be a view of a cached chunk: copy it before the next read, do not write to it or transfer it. */
  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new RangeError(`read ${offset}+${length} of ${this.size} bytes`);
    }
    if (length === 0) return new Uint8Array(0);
    const { chunkBytes } = this.#record;
    const first = Math.floor(offset / chunkBytes);
    const last = Math.floor((offset + length - 1) / chunkBytes);
    const whole = first === last ? undefined : new Uint8Array(length);
    for (let chunk = first; chunk <= last; chunk++) {
      throwIfAborted(signal);
      const bytes = await this.#chunk(chunk);
      const start = chunk * chunkBytes;
      const part = bytes.subarray(Math.max(0, offset - start), Math.min(bytes.byteLength, offset + length - start));
      if (whole === undefined) {
        throwIfAborted(signal);
        return part;
      }
      whole.set(part, Math.max(0, start - offset));
    }
    throwIfAborted(signal);
    return whole ?? new Uint8Array(0);
  }

  #chunk(chunk: number): Promise<Uint8Array<ArrayBuffer>> {
    const hasMovedForward = this.#chunks.has(chunk - 1) || chunk === 0;
    const wanted = this.#load(chunk);
    if (hasMovedForward && chunk + 1 < this.#record.chunks.length && !this.#chunks.has(chunk + 1)) {
      this.#load(chunk + 1);
      // The chunk in hand must outlive the one read ahead.
      this.#touch(chunk, wanted);
    }
    return wanted;
  }

  #load(chunk: number): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#chunks.get(chunk);
    const loading = known ?? this.#store.readChunk(this.#record, chunk, this.#spare.pop());
    this.#touch(chunk, loading);
    if (known === undefined) {
      // A failure is not cached: after a repair the same source works. A chunk read ahead may fail with nobody waiting.
      loading.catch(() => {
        if (this.#chunks.get(chunk) === loading) this.#chunks.delete(chunk);
      });
    }
    return loading;
  }

  #touch(chunk: number, loading: Promise<Uint8Array<ArrayBuffer>>): void {
    this.#chunks.delete(chunk);
    this.#chunks.set(chunk, loading);
    for (const [oldest, bytes] of this.#chunks) {
      if (this.#chunks.size <= CACHED_CHUNKS) break;
      this.#chunks.delete(oldest);
      // Used again: left to the garbage collector, the chunks of a whole model pile up before it runs.
      bytes.then(
        ({ buffer }) => this.#spare.push(buffer),
        () => {},
      );
    }
  }
}
