import { abortError, SottoError, throwIfAborted } from '../shared/index.ts';
import type { WeightPlan, WeightRecord, WeightStore } from '../storage/index.ts';
import type { ChunkPieces } from './chunk-pieces.ts';
import type { ChunkStream } from './chunk-stream.ts';
import { PendingWrites } from './pending-writes.ts';
import type { Retry } from './retry.ts';

/** What `downloadModel` works with. */
export interface DownloadJob {
  readonly plan: WeightPlan;
  readonly store: WeightStore;
  readonly stream: ChunkStream;
  /** Absent: everything comes as one stream. */
  readonly pieces: ChunkPieces | undefined;
  readonly retry: Retry;
  readonly signal: AbortSignal;
  /** Told whenever there is more than before; how often it passes that on is its own affair. */
  readonly onProgress: (record: WeightRecord, partialBytes: number) => void;
}

/**
 * Chunks in memory between the network and the disk. A disk that is slower for a moment does not hold up the line, and when a
 * connection breaks, little is lost in buffers that only the browser can see.
 */
const PENDING_CHUNKS = 8;

/**
 * Fetches and stores the chunks that are missing, and resolves with the complete record.
 * The store verifies every chunk before it keeps it. A chunk that is not the published one is fetched again once (a proxy or a
 * bad line may have changed it), then the download ends with `hash-mismatch`; what was stored before stays.
 */
export async function downloadModel(job: DownloadJob): Promise<WeightRecord> {
  const { plan, store, stream, retry, signal } = job;
  let { pieces } = job;
  const prepared = await store.prepare(plan);
  const stored = [...prepared.stored];
  let chunks = prepared.chunks;
  const refused = new Set<number>();
  let pendingBytes = 0;
  const current = (): WeightRecord => ({ ...prepared, stored, chunks });
  const report = () => job.onProgress(current(), pendingBytes + stream.partialBytes + (pieces?.partialBytes ?? 0));

  const put = async (chunk: number, bytes: Uint8Array): Promise<void> => {
    pendingBytes += bytes.byteLength;
    try {
      const record = await store.putChunk(plan.id, chunk, bytes);
      // Another tab removed the model: to go on would bring back what a person deleted.
      if (record === undefined) throw abortError('The model was removed while it was being fetched.');
      stored[chunk] = true;
      chunks = record.chunks;
      retry.reset();
    } catch (error) {
      if (!SottoError.isInstance(error) || error.code !== 'hash-mismatch' || refused.has(chunk)) throw error;
      refused.add(chunk);
    } finally {
      pendingBytes -= bytes.byteLength;
    }
    report();
  };

  report();
  while (!stored.every(Boolean)) {
    const writes = new PendingWrites(PENDING_CHUNKS);
    const transferPieces = async (from: ChunkPieces) => {
      for (let chunk = stored.indexOf(false); chunk !== -1; chunk = stored.indexOf(false)) {
        const bytes = await from.fetch(chunk, report, signal);
        if (bytes === undefined) {
          pieces = undefined;
          return;
        }
        // Waited for: what is on its way to the disk and what is on the line would be lost together.
        await put(chunk, bytes);
      }
    };
    const transferStream = async () => {
      let isFruitless = true;
      for await (const { chunk, bytes } of stream.read((index) => stored[index] !== true, report, signal)) {
        isFruitless = false;
        await writes.add(put(chunk, bytes));
      }
      // A server may cut ranges short; one that never sends a whole piece must not be asked for ever.
      if (isFruitless) throw new SottoError('download-failed', 'The server sent no whole piece of the file.');
    };
    const partialBefore = pieces?.partialBytes ?? 0;
    const [broken] = await Promise.allSettled([pieces ? transferPieces(pieces) : transferStream()]);
    // Stop means now: writes that are on their way end by themselves, whole or not at all.
    throwIfAborted(signal);
    // Whatever ended the transfer, what arrived is kept; and a full disk outweighs a broken line.
    await writes.settle();
    // Pieces of a chunk are a gain too: on a line that breaks often a chunk takes several attempts.
    if ((pieces?.partialBytes ?? 0) > partialBefore) retry.reset();
    if (broken?.status === 'rejected') await retry.pause(broken.reason, signal);
  }
  return current();
}
