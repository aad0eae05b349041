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
    const { chunkBytes } = this.#record;
    const isInOne = length > 0 && Math.floor(offset / chunkBytes) === Math.floor((offset + length - 1) / chunkBytes);
    const whole = isInOne ? undefined : new Uint8Array(length);
    for await (const { part, at } of this.#parts(offset, length, signal)) {
      if (whole === undefined) return part;
      whole.set(part, at);
    }
    return whole ?? new Uint8Array(0);
  }

  async readInto(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    for await (const { part, at } of this.#parts(offset, target.byteLength, signal)) target.set(part, at);
  }

  /** Chunks are several megabytes, and the garbage collector takes its time: they are given back at once where that is possible. */
  release(): void {
    const chunks = [...this.#chunks.values()];
    this.#chunks.clear();
    // In browsers since 2023 or 2024; without it the memory leaves later.
    const free = (buffer: ArrayBuffer & { transfer?: (bytes: number) => unknown }) => buffer.transfer?.(0);
    for (const spare of this.#spare.splice(0)) free(spare);
    for (const chunk of chunks) {
      chunk.then(
        ({ buffer }) => free(buffer),
        () => {},
      );
    }
  }

  /** The pieces of a range, a chunk each, and where they belong in it. */
  async *#parts(offset: number, length: number, signal: AbortSignal | undefined) {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new RangeError(`read ${offset}+${length} of ${this.size} bytes`);
    }
    const { chunkBytes } = this.#record;
    for (let at = 0; at < length; ) {
      throwIfAborted(signal);
      const chunk = Math.floor((offset + at) / chunkBytes);
      const bytes = await this.#chunk(chunk);
      throwIfAborted(signal);
      const from = offset + at - chunk * chunkBytes;
      const part = bytes.subarray(from, Math.min(bytes.byteLength, from + length - at));
      yield { part, at };
      at += part.byteLength;
    }
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
