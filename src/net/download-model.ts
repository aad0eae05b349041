import { abortError, SottoError } from '../shared/index.ts';
import { isComplete, type WeightPlan, type WeightRecord, type WeightStore } from '../storage/index.ts';
import type { ChunkStream } from './chunk-stream.ts';
import type { Retry } from './retry.ts';

/** What `downloadModel` works with. */
export interface DownloadJob {
  readonly plan: WeightPlan;
  readonly store: WeightStore;
  readonly stream: ChunkStream;
  readonly retry: Retry;
  readonly signal: AbortSignal;
  /** Told whenever there is more than before; how often it passes that on is its own affair. */
  readonly onProgress: (record: WeightRecord, partialBytes: number) => void;
}

/**
 * Fetches and stores the chunks that are missing, and resolves with the complete record.
 * The store verifies every chunk before it keeps it. A chunk that is not the published one is fetched again once (a proxy or a
 * bad line may have changed it), then the download ends with `hash-mismatch`; what was stored before stays.
 */
export async function downloadModel({
  plan,
  store,
  stream,
  retry,
  signal,
  onProgress,
}: DownloadJob): Promise<WeightRecord> {
  let record = await store.prepare(plan);
  onProgress(record, 0);
  const refused = new Set<number>();
  while (!isComplete(record)) {
    let isFruitless = true;
    try {
      const isWanted = (chunk: number) => record.stored[chunk] !== true;
      for await (const { chunk, bytes } of stream.read(
        isWanted,
        () => onProgress(record, stream.partialBytes),
        signal,
      )) {
        isFruitless = false;
        const after = await putOrRefuse(store, plan.id, chunk, bytes, refused);
        if (after === 'again') break;
        record = after;
        retry.reset();
        onProgress(record, 0);
      }
      // A server may cut ranges short; one that never sends a whole piece must not be asked for ever.
      if (isFruitless) throw new SottoError('download-failed', 'The server sent no whole piece of the file.');
    } catch (error) {
      await retry.pause(error, signal);
    }
  }
  return record;
}

async function putOrRefuse(
  store: WeightStore,
  modelId: string,
  chunk: number,
  bytes: Uint8Array,
  refused: Set<number>,
): Promise<WeightRecord | 'again'> {
  try {
    const record = await store.putChunk(modelId, chunk, bytes);
    // Another tab removed the model: to go on would bring back what a person deleted.
    if (record === undefined) throw abortError('The model was removed while it was being fetched.');
    return record;
  } catch (error) {
    if (!SottoError.isInstance(error) || error.code !== 'hash-mismatch' || refused.has(chunk)) throw error;
    refused.add(chunk);
    return 'again';
  }
}
