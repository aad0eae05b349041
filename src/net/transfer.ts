import { SottoError } from '../shared/index.ts';
import type { WeightPlan, WeightRecord, WeightStore } from '../storage/index.ts';
import { ChunkPieces, type ParallelLimits } from './chunk-pieces.ts';
import { ChunkStream } from './chunk-stream.ts';
import { downloadModel } from './download-model.ts';
import type { Retry } from './retry.ts';
import { ServerFile, type TransferTools } from './server-file.ts';

/** One download under way, whatever files it is made of. */
export interface Transfer {
  readonly tools: TransferTools;
  readonly store: WeightStore;
  readonly parallel: ParallelLimits;
  readonly signal: AbortSignal;
  /** A fresh count of failures for each server. */
  readonly retry: () => Retry;
  readonly onMirror: (host: string, reason: string) => void;
}

/** Fetches one file from the first of its addresses that can give it; what arrived from one is kept for the next. */
export async function transferFile(
  transfer: Transfer,
  addresses: readonly URL[],
  plan: WeightPlan,
  onProgress: (record: WeightRecord, partialBytes: number) => void,
  heldTo?: string,
): Promise<WeightRecord> {
  const { tools, store, parallel, signal } = transfer;
  return fromFirst(transfer, addresses, (address) => {
    const file = new ServerFile(tools, address, plan.size, heldTo);
    return downloadModel({
      plan,
      store,
      stream: new ChunkStream(file, plan),
      pieces: parallel.connections > 1 ? new ChunkPieces(file, plan, parallel) : undefined,
      retry: transfer.retry(),
      signal,
      onProgress,
    });
  });
}

/** Asks the next address where one failed. Rejects with the failure of the last. */
export async function fromFirst<T>(
  { signal, onMirror }: Pick<Transfer, 'signal' | 'onMirror'>,
  addresses: readonly URL[],
  get: (address: URL) => Promise<T>,
): Promise<T> {
  const [address, ...others] = addresses;
  if (address === undefined) throw new SottoError('download-failed', 'No server is known that has this model.');
  try {
    return await get(address);
  } catch (error) {
    const isTheServer = SottoError.isInstance(error) && /^(download-|hash-)/.test(error.code);
    if (others.length === 0 || !isTheServer || signal.aborted) throw error;
    onMirror(address.host, error.message);
    return fromFirst({ signal, onMirror }, others, get);
  }
}
