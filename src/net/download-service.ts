import { type DownloadEvent, type DownloadPort, type StoredModel, settle } from '../protocol/index.ts';
import { abortError, type Clock, isAbortError, SottoError, systemClock } from '../shared/index.ts';
import {
  companionKey,
  isCompanionKey,
  isComplete,
  storedBytes,
  storedFiles,
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
import { companionPlansOf, dropCorruptChunks, planOf, toBlob, toStoredModel, watchStore } from './stored-models.ts';

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
  /** Milliseconds to wait for another tab's download while it makes no progress. */
  readonly patienceMs?: number;
}

/** 1 kB a second is slower than any line that could bring a model. */
const DEFAULT_STALL: StallLimits = { windowMs: 15_000, leastBytes: 16_384 };

/** How often a tab that waits for another tab's download looks at the store. */
const WATCH_INTERVAL_MS = 500;

/** Longer than one piece takes on a slow line, or the other tab's own retries. */
const PATIENCE_MS = 120_000;

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

  /**
   * Runs under the lock of the model: two tabs must not fetch the same bytes. Whoever waits shows the other's progress. Where the
   * other makes none, two downloads at once are the lesser evil: the store verifies both.
   */
  const locked = async <T>(
    modelId: string,
    onWaiting: Progress,
    signal: AbortSignal,
    body: () => Promise<T>,
  ): Promise<T> => {
    const watching = new AbortController();
    const patience = new AbortController();
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      watching.abort();
      return body();
    };
    const time = { clock, intervalMs: WATCH_INTERVAL_MS, patienceMs: options.patienceMs ?? PATIENCE_MS };
    watchStore(await openStore(), modelId, onWaiting, time, watching.signal).then(
      () => patience.abort(),
      () => {}, // Our turn came, or the store failed: the download itself will say so.
    );
    try {
      return await exclusive(`sotto-download-${modelId}`, AbortSignal.any([signal, patience.signal]), begin);
    } catch (error) {
      if (hasBegun || signal.aborted || !patience.signal.aborted) throw error;
      return await begin();
    } finally {
      watching.abort();
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
      // Deleted meanwhile, perhaps by another tab: to repair it would bring back what a person wanted gone.
      if (isRepair && (await store.record(modelId)) === undefined) throw abortError('The model was removed.');
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
      const get = (path: string, of: WeightPlan, tell: Progress) => {
        const stream = new ChunkStream({ fetch, clock, stall }, new URL(path, url ?? options.catalogueUrl), of);
        return downloadModel({ plan: of, store, stream, retry, signal, onProgress: tell });
      };
      try {
        // First the small files: a model is complete when its weights are, and must then be whole.
        for (const { path, plan: part } of companionPlansOf(manifest)) {
          if (isRepair) await dropCorruptChunks(store, await store.prepare(part), signal);
          await get(path, part, () => {});
        }
        const record = await get(manifest.file.path, plan, onProgress);
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
    files: (modelId) =>
      settle(async () => {
        const store = await openStore();
        const files = await storedFiles(store, modelId);
        return Promise.all(files.map(async ({ path, key }) => ({ path, blob: await toBlob(store, key) })));
      }),
    list: () =>
      settle(async () => {
        const store = await openStore();
        const records = (await store.list()).filter(({ id }) => !isCompanionKey(id));
        return records.map((record) => toStoredModel(record, store.medium));
      }),
    remove: (modelId) =>
      settle(async () => {
        await calls.abortModel(modelId);
        const store = await openStore();
        const parts = (await store.list()).filter(({ id }) => id.startsWith(companionKey(modelId, 0).slice(0, -1)));
        for (const { id } of [...parts, { id: modelId }]) await store.remove(id);
        return null;
      }),
    abort: (callId) => calls.abort(callId),
  };
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
