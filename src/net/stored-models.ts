import { parseManifest } from '../library/index.ts';
import type { HashState, ModelManifest, StoredModel } from '../protocol/index.ts';
import { type Clock, SottoError } from '../shared/index.ts';
import {
  companionKey,
  isComplete,
  openStoredModel,
  storedBytes,
  type WeightPlan,
  type WeightRecord,
  type WeightStore,
} from '../storage/index.ts';

/** What the store must know of a manifest. */
export function planOf(manifest: ModelManifest, manifestText: string): WeightPlan {
  const { size, chunkBytes, chunks } = manifest.file;
  return { id: manifest.id, name: manifest.name, size, chunkBytes, chunks, manifestText };
}

/** The same for its further files, each with the path it comes from. */
export function companionPlansOf(
  manifest: ModelManifest,
): readonly { readonly path: string; readonly plan: WeightPlan }[] {
  return (manifest.companions ?? []).map(({ path, size, chunkBytes, chunks }, index) => ({
    path,
    plan: { id: companionKey(manifest.id, index), name: manifest.name, size, chunkBytes, chunks, manifestText: '' },
  }));
}

/** What the page is told of a record. */
export function toStoredModel(record: WeightRecord, medium: StoredModel['medium']): StoredModel {
  const { id, name, size, usedAt } = record;
  const complete = isComplete(record);
  return { id, name, size, storedBytes: storedBytes(record), complete, medium, hashes: hashesOf(record), usedAt };
}

/** Who vouches for a stored model. One that is still being pinned says so already. */
export function hashesOf({ isSealed, manifestText }: WeightRecord): HashState {
  if (!isSealed) return 'pinned';
  try {
    return parseManifest(manifestText).hashes ?? 'published';
  } catch {
    return 'published';
  }
}

/** Reads every stored chunk, and forgets those that are missing, unreadable or changed. */
export async function dropCorruptChunks(
  store: WeightStore,
  record: WeightRecord,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const corrupt: number[] = [];
  for (const [chunk, isStored] of record.stored.entries()) {
    signal.throwIfAborted();
    if (!isStored) continue;
    onBytes(chunk * record.chunkBytes);
    try {
      await store.readChunk(record, chunk);
    } catch (error) {
      if (!SottoError.isInstance(error) || error.code !== 'chunk-corrupt') throw error;
      corrupt.push(chunk);
    }
  }
  if (corrupt.length > 0) await store.dropChunks(record.id, corrupt);
}

/** A whole model as a Blob, verified. Rejects as `openStoredModel` does. */
export async function toBlob(store: WeightStore, modelId: string): Promise<Blob> {
  const source = await openStoredModel(store, modelId);
  const step = (await store.record(modelId))?.chunkBytes ?? source.size;
  const parts: Blob[] = [];
  for (let offset = 0; offset < source.size; offset += step) {
    // Never shared memory: the store hands out plain arrays. TypeScript's ByteSource is wider.
    const bytes = (await source.read(offset, Math.min(step, source.size - offset))) as Uint8Array<ArrayBuffer>;
    // A Blob each: the browser may move it to the disk, and the array is free again.
    parts.push(new Blob([bytes]));
  }
  return new Blob(parts);
}

/**
 * Follows the download of another tab in the store, and resolves once nothing has come for `patienceMs`: a tab that the
 * browser froze keeps its lock and fetches nothing. Rejects with AbortError when the signal fires.
 */
export async function watchStore(
  store: WeightStore,
  modelId: string,
  onProgress: (record: WeightRecord) => void,
  time: { readonly clock: Clock; readonly intervalMs: number; readonly patienceMs: number },
  signal: AbortSignal,
): Promise<void> {
  let lastBytes = -1;
  let lastChange = time.clock.now();
  while (time.clock.now() - lastChange < time.patienceMs) {
    await time.clock.sleep(time.intervalMs, signal);
    const record = await store.record(modelId);
    signal.throwIfAborted();
    const bytes = record === undefined ? 0 : storedBytes(record);
    if (bytes !== lastBytes) lastChange = time.clock.now();
    lastBytes = bytes;
    if (record !== undefined) onProgress(record);
  }
}
