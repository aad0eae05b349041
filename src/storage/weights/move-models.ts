import { SottoError } from '../../shared/index.ts';
import { isCompanionKey, modelOfKey } from './companions.ts';
import { chunkLength, storedBytes, type WeightRecord } from './weight-record.ts';
import type { WeightStore } from './weight-store.ts';

export interface MoveOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (movedBytes: number, totalBytes: number) => void;
  /** Runs the move of one model while nobody fetches, repairs or removes it. */
  readonly alone: (modelId: string, body: () => Promise<void>) => Promise<void>;
}

/**
 * Moves every model of one store to another: each chunk is verified when it is read and when it is written, all of them are read
 * again from where they lie now, and only then the old ones go. Killed at any moment it has lost nothing, and a second call goes on
 * with the chunk after the last. A model that is still being fetched for the first time without known hashes stays where it is.
 *
 * Resolves with the ids of the models that were moved. Rejects with `storage-full`, `storage-failed`, or an AbortError.
 */
export async function moveModels(from: WeightStore, to: WeightStore, options: MoveOptions): Promise<readonly string[]> {
  // The order of their last use is kept; further files of a model come before it, so that a model found there is whole.
  const records = [...(await from.list())].filter(({ isSealed }) => isSealed).sort(inOrder);
  const total = records.reduce((sum, record) => sum + storedBytes(record), 0);
  const moved: string[] = [];
  let done = 0;
  for (const { id } of records) {
    await options.alone(modelOfKey(id), async () => {
      const record = await from.record(id);
      if (record?.isSealed !== true) return;
      const before = done;
      await moveModel(from, to, record, options.signal, (bytes) => options.onProgress(before + bytes, total));
      done += storedBytes(record);
      if (!isCompanionKey(id)) moved.push(id);
    });
  }
  return moved;
}

function inOrder(a: WeightRecord, b: WeightRecord): number {
  return Number(isCompanionKey(b.id)) - Number(isCompanionKey(a.id)) || a.usedAt - b.usedAt;
}

async function moveModel(
  from: WeightStore,
  to: WeightStore,
  record: WeightRecord,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { stored } = await to.prepare(record);
  let bytes = 0;
  for (const [chunk, isThere] of record.stored.entries()) {
    signal.throwIfAborted();
    if (!isThere) continue;
    if (!stored[chunk]) await copyChunk(from, to, record, chunk);
    bytes += chunkLength(record, chunk);
    onBytes(bytes);
  }
  const { stored: now } = (await to.record(record.id)) ?? { stored: [] };
  for (const [chunk, isThere] of now.entries()) {
    signal.throwIfAborted();
    if (isThere) await to.readChunk(record, chunk);
  }
  if (record.usedAt > 0) await to.touch(record.id);
  await from.remove(record.id);
}

/** A chunk that changed on the old disk is not carried over: it is fetched again, as it would have been there. */
async function copyChunk(from: WeightStore, to: WeightStore, record: WeightRecord, chunk: number): Promise<void> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await from.readChunk(record, chunk);
  } catch (error) {
    if (SottoError.isInstance(error) && error.code === 'chunk-corrupt') return;
    throw error;
  }
  await to.putChunk(record.id, chunk, bytes);
}
