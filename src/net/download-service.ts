import {
  type DownloadEvent,
  type DownloadPort,
  type ModelManifest,
  type StoredModel,
  settle,
} from '../protocol/index.ts';
import { type Clock, isAbortError, SottoError, systemClock } from '../shared/index.ts';
import {
  isComplete,
  openStoredModel,
  storedBytes,
  type WeightPlan,
  type WeightRecord,
  type WeightStore,
} from '../storage/index.ts';
import { createAllowedFetch } from './allowed-fetch.ts';
import { Calls } from './calls.ts';
import { ChunkStream } from './chunk-stream.ts';
import { downloadModel } from './download-model.ts';
import { createExclusive, type Exclusive } from './exclusive.ts';
import { ModelLists } from './model-lists.ts';
import { throttleProgress } from './progress-throttle.ts';
import { DEFAULT_RETRY, Retry, type RetryPolicy } from './retry.ts';
import type { StallLimits } from './stall-guard.ts';

/** What the service needs; everything but the first two has a default and is there for tests. */
export interface DownloadServiceOptions {
  /** Address of models/catalogue.json; its origin is always allowed. */
  readonly catalogueUrl: URL;
  readonly openStore: () => Promise<WeightStore>;
  /** Further origins that weights may come from. */
  readonly allowedOrigins?: readonly string[];
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly retry?: RetryPolicy;
  readonly stall?: StallLimits;
  readonly exclusive?: Exclusive;
}

/** 1 kB a second is slower than any line that could bring a model. */
const DEFAULT_STALL: StallLimits = { windowMs: 15_000, leastBytes: 16_384 };

/** How often a tab that waits for another tab's download looks at the store. */
const WATCH_INTERVAL_MS = 500;

type OnEvent = (event: DownloadEvent) => void;
type Progress = (record: WeightRecord, partialBytes?: number, isFinal?: boolean) => void;

/**
 * Everything behind the download worker's port but its greeting: lists, downloads that resume, repair, removal.
 * Every method settles with an envelope; none rejects.
 */
export function createDownloadService(options: DownloadServiceOptions): Omit<DownloadPort, 'hello'> {
  const clock = options.clock ?? systemClock;
  const exclusive = options.exclusive ?? createExclusive();
  const stall = options.stall ?? DEFAULT_STALL;
  const fetch = createAllowedFetch([options.catalogueUrl.origin, ...(options.allowedOrigins ?? [])]);
  const openStore = once(options.openStore);
  const lists = new ModelLists({ fetch, clock }, options.catalogueUrl, openStore);
  const calls = new Calls();
  const forever = new AbortController().signal;

  /** Runs under the lock of the model: two tabs must not fetch the same bytes. Whoever waits shows the other's progress. */
  const locked = async <T>(
    modelId: string,
    onWaiting: Progress,
    signal: AbortSignal,
    body: () => Promise<T>,
  ): Promise<T> => {
    const waiting = new AbortController();
    void watchStore(await openStore(), modelId, onWaiting, clock, waiting.signal);
    try {
      return await exclusive(`sotto-download-${modelId}`, signal, () => {
        waiting.abort();
        return body();
      });
    } finally {
      waiting.abort();
    }
  };

  const fetchMissing = async (
    modelId: string,
    onEvent: OnEvent,
    signal: AbortSignal,
    isRepair: boolean,
  ): Promise<StoredModel> => {
    const tell = quietly(onEvent);
    const report = throttleProgress<DownloadEvent>(clock, tell);
    const onProgress: Progress = (record, partialBytes = 0, isFinal = false) =>
      report(
        { type: 'download-progress', loadedBytes: storedBytes(record) + partialBytes, totalBytes: record.size },
        isFinal,
      );
    return locked(modelId, onProgress, signal, async () => {
      const store = await openStore();
      const { manifest, text, url } = await lists.manifest(modelId, signal);
      const plan = planOf(manifest, text);
      if (isRepair) await dropCorruptChunks(store, await store.prepare(plan), signal);
      const known = await store.record(modelId);
      if (url === undefined && !(known !== undefined && isComplete(known))) {
        throw new SottoError(
          'download-failed',
          `"${manifest.name}" is not stored whole, and its site cannot be reached.`,
        );
      }
      const retry = new Retry({
        clock,
        random: options.random ?? Math.random,
        policy: options.retry ?? DEFAULT_RETRY,
        onRetry: (attempt, waitMs, reason) => tell({ type: 'download-retry', attempt, waitMs, reason }),
      });
      const stream = new ChunkStream(
        { fetch, clock, stall },
        new URL(manifest.file.path, url ?? options.catalogueUrl),
        plan,
      );
      try {
        const record = await downloadModel({ plan, store, stream, retry, signal, onProgress });
        onProgress(record, 0, true);
        return toStoredModel(record, store.medium);
      } catch (error) {
        // Perhaps the site was updated since its lists were read.
        if (!isAbortError(error)) lists.forget();
        throw error;
      }
    });
  };

  return {
    catalogue: () => settle(() => lists.catalogue(forever)),
    manifest: (modelId) => settle(async () => (await lists.manifest(modelId, forever)).manifest),
    download: (callId, modelId, onEvent) =>
      settle(() => calls.run(callId, modelId, (signal) => fetchMissing(modelId, onEvent, signal, false))),
    repair: (callId, modelId, onEvent) =>
      settle(() => calls.run(callId, modelId, (signal) => fetchMissing(modelId, onEvent, signal, true))),
    blob: (modelId) => settle(async () => toBlob(await openStore(), modelId)),
    list: () =>
      settle(async () => {
        const store = await openStore();
        return (await store.list()).map((record) => toStoredModel(record, store.medium));
      }),
    remove: (modelId) =>
      settle(async () => {
        await calls.abortModel(modelId);
        await (await openStore()).remove(modelId);
        return null;
      }),
    abort: (callId) => calls.abort(callId),
  };
}

function planOf(manifest: ModelManifest, manifestText: string): WeightPlan {
  const { size, chunkBytes, chunks } = manifest.file;
  return { id: manifest.id, name: manifest.name, size, chunkBytes, chunks, manifestText };
}

function toStoredModel(record: WeightRecord, medium: StoredModel['medium']): StoredModel {
  const { id, name, size } = record;
  return { id, name, size, storedBytes: storedBytes(record), complete: isComplete(record), medium };
}

async function dropCorruptChunks(store: WeightStore, record: WeightRecord, signal: AbortSignal): Promise<void> {
  const corrupt: number[] = [];
  for (const [chunk, isStored] of record.stored.entries()) {
    signal.throwIfAborted();
    if (!isStored) continue;
    try {
      await store.readChunk(record, chunk);
    } catch (error) {
      if (!SottoError.isInstance(error) || error.code !== 'chunk-corrupt') throw error;
      corrupt.push(chunk);
    }
  }
  if (corrupt.length > 0) await store.dropChunks(record.id, corrupt);
}

async function toBlob(store: WeightStore, modelId: string): Promise<Blob> {
  const source = await openStoredModel(store, modelId);
  const record = await store.record(modelId);
  const step = record?.chunkBytes ?? source.size;
  const parts: BlobPart[] = [];
  for (let offset = 0; offset < source.size; offset += step) {
    parts.push((await source.read(offset, Math.min(step, source.size - offset))) as Uint8Array<ArrayBuffer>);
  }
  return new Blob(parts);
}

async function watchStore(
  store: WeightStore,
  modelId: string,
  onProgress: Progress,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(WATCH_INTERVAL_MS, signal);
      const record = await store.record(modelId);
      if (record !== undefined && !signal.aborted) onProgress(record);
    }
  } catch {
    // Our turn came, or the store failed: the download itself will say so.
  }
}

/** Events go to another thread; that it no longer listens is no reason for a download to fail. */
function quietly(onEvent: OnEvent): OnEvent {
  return (event) => {
    void (async () => onEvent(event))().catch(() => {});
  };
}

/** Opens once; a failure is not remembered. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
