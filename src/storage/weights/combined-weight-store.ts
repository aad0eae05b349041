import { SottoError } from '../../shared/index.ts';
import type { WeightMediumKind } from './weight-medium.ts';
import { isComplete, storedBytes, type WeightPlan, type WeightRecord } from './weight-record.ts';
import type { WeightStore } from './weight-store.ts';

/**
 * Two stores as one: new models go into the first, and each model is used where it lies. While one is moved it lies in both; the
 * whole one counts. So it does not matter when the person chose another place, or whether a move came to its end.
 */
export class CombinedWeightStore implements WeightStore {
  readonly #first: () => WeightStore;
  readonly #stores: readonly WeightStore[];
  /** Where a model was found last: reading a chunk must not ask for its record each time. */
  readonly #homes = new Map<string, WeightStore>();

  /** @param first Which of the stores takes new models; asked each time, for the person may change it. */
  constructor(stores: readonly WeightStore[], first: () => WeightStore) {
    this.#stores = stores;
    this.#first = first;
  }

  get medium(): WeightMediumKind {
    return this.#first().medium;
  }

  async mediumOf(modelId: string): Promise<WeightMediumKind> {
    return (await this.#find(modelId))?.store.medium ?? this.medium;
  }

  async list(): Promise<readonly WeightRecord[]> {
    const all = new Map<string, WeightRecord>();
    for (const store of this.#inOrder()) {
      for (const record of await store.list()) {
        const other = all.get(record.id);
        if (other === undefined || isFuller(record, other)) all.set(record.id, record);
      }
    }
    return [...all.values()];
  }

  async record(modelId: string): Promise<WeightRecord | undefined> {
    return (await this.#find(modelId))?.record;
  }

  async prepare(plan: WeightPlan): Promise<WeightRecord> {
    return (await this.#home(plan.id)).prepare(plan);
  }

  async putChunk(modelId: string, chunk: number, bytes: Uint8Array): Promise<WeightRecord | undefined> {
    return (await this.#home(modelId)).putChunk(modelId, chunk, bytes);
  }

  async readChunk(plan: WeightPlan, chunk: number, buffer?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const home = this.#homes.get(plan.id) ?? (await this.#home(plan.id));
    try {
      return await home.readChunk(plan, chunk, buffer);
    } catch (error) {
      // It may have been moved since.
      const now = await this.#home(plan.id);
      if (now === home || !SottoError.isInstance(error) || error.code !== 'chunk-corrupt') throw error;
      return now.readChunk(plan, chunk, buffer);
    }
  }

  async dropChunks(modelId: string, chunks: readonly number[]): Promise<WeightRecord | undefined> {
    return (await this.#home(modelId)).dropChunks(modelId, chunks);
  }

  async seal(modelId: string, name: string, manifestText: string): Promise<WeightRecord | undefined> {
    return (await this.#home(modelId)).seal(modelId, name, manifestText);
  }

  async touch(modelId: string): Promise<void> {
    await (await this.#home(modelId)).touch(modelId);
  }

  async remove(modelId: string): Promise<void> {
    this.#homes.delete(modelId);
    for (const store of this.#stores) await store.remove(modelId);
  }

  close(): void {
    for (const store of this.#stores) store.close();
  }

  async #home(modelId: string): Promise<WeightStore> {
    const home = (await this.#find(modelId))?.store ?? this.#first();
    this.#homes.set(modelId, home);
    return home;
  }

  async #find(modelId: string) {
    let found: { readonly store: WeightStore; readonly record: WeightRecord } | undefined;
    for (const store of this.#inOrder()) {
      const record = await store.record(modelId);
      if (record !== undefined && (found === undefined || isFuller(record, found.record))) found = { store, record };
    }
    return found;
  }

  #inOrder(): readonly WeightStore[] {
    const first = this.#first();
    return [first, ...this.#stores.filter((store) => store !== first)];
  }
}

function isFuller(a: WeightRecord, b: WeightRecord): boolean {
  return isComplete(a) !== isComplete(b) ? isComplete(a) : !isComplete(a) && storedBytes(a) > storedBytes(b);
}
