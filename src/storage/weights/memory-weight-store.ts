import { VerifiedWeightStore } from './verified-weight-store.ts';
import type { MediumChange, WeightMedium } from './weight-medium.ts';
import type { WeightStore } from './weight-store.ts';

class MemoryWeightMedium implements WeightMedium {
  readonly kind = 'memory';
  readonly #records = new Map<string, object>();
  readonly #chunks = new Map<string, Map<number, Uint8Array<ArrayBuffer>>>();

  records(): Promise<readonly (readonly [modelId: string, record: unknown])[]> {
    return Promise.resolve([...this.#records]);
  }

  record(modelId: string): Promise<unknown> {
    return Promise.resolve(this.#records.get(modelId));
  }

  chunk(modelId: string, chunk: number): Promise<unknown> {
    // A copy, as a database gives: what is read belongs to the reader.
    return Promise.resolve(this.#chunks.get(modelId)?.get(chunk)?.slice());
  }

  async update(modelId: string, decide: (record: unknown) => MediumChange | undefined): Promise<void> {
    const change = decide(this.#records.get(modelId));
    if (change === undefined) return;
    if (change.deleteChunks === 'all') this.#chunks.delete(modelId);
    const chunks = this.#chunks.get(modelId) ?? new Map<number, Uint8Array<ArrayBuffer>>();
    if (Array.isArray(change.deleteChunks)) for (const chunk of change.deleteChunks) chunks.delete(chunk);
    // A copy: the caller may go on to use its buffer, as it may with a database.
    if (change.putChunk) chunks.set(change.putChunk.chunk, change.putChunk.bytes.slice());
    if (chunks.size > 0) this.#chunks.set(modelId, chunks);
    if (change.record === null) this.#records.delete(modelId);
    else this.#records.set(modelId, structuredClone(change.record));
  }

  close(): void {}
}

/** A store that lives as long as the thread: for browsers that offer no storage, and for tests. */
export function createMemoryWeightStore(): WeightStore {
  return new VerifiedWeightStore(new MemoryWeightMedium());
}
