import { readAdapterBytes } from '../library/index.ts';
import { type DownloadEvent, type ModelAnnouncement, type StoredModel, settle } from '../protocol/index.ts';
import { BlobByteSource, type Clock, isAbortError, SottoError, systemClock } from '../shared/index.ts';
import {
  companionKey,
  createMemoryPinStore,
  isCompanionKey,
  isComplete,
  type LastingMedium,
  type MoveOptions,
  type PinStore,
  storedBytes,
  storedFiles,
  type WeightRecord,
  type WeightStore,
} from '../storage/index.ts';
import { createAllowedFetch } from './allowed-fetch.ts';
import { Calls } from './calls.ts';
import type { ParallelLimits } from './chunk-pieces.ts';
import { createExclusive, type Exclusive } from './exclusive.ts';
import { type FetchTools, fetchModel, isAddress, openModelOf } from './fetch-model.ts';
import { ModelLists } from './model-lists.ts';
import { once } from './once.ts';
import { OpenModels } from './open-model.ts';
import { DownloadProgress } from './progress.ts';
import { DEFAULT_RETRY, Retry, type RetryPolicy } from './retry.ts';
import type { StallLimits } from './stall-guard.ts';
import { dropCorruptChunks, toBlob, toStoredModel } from './stored-models.ts';
import type { Transfer } from './transfer.ts';
import { downloadLock, inTurn } from './turns.ts';
import type { UngovernedPort } from './under-policy.ts';

/** What the service needs; everything but the first two has a default and is there for tests. */
export interface DownloadServiceOptions {
  /** Address of models/catalogue.json; its origin is always allowed. */
  readonly catalogueUrl: URL;
  readonly openStore: () => Promise<WeightStore>;
  /** Chooses the place for new models and moves the others there; absent: there is one place only. */
  readonly moveTo?: (medium: LastingMedium, options: MoveOptions) => Promise<readonly string[]>;
  /** The places to choose from; absent: none. */
  readonly choices?: () => Promise<readonly LastingMedium[]>;
  /** What was trusted before; absent: remembered as long as this thread lives. */
  readonly pins?: PinStore;
  /** Further origins that weights may come from. */
  readonly allowedOrigins?: readonly string[];
  /** Folders on other hosts that whoever runs the site has set up, asked in order; their origins are allowed by that. */
  readonly mirrors?: () => Promise<readonly string[]>;
  readonly parallel?: ParallelLimits;
  /** Between the tabs of this origin; absent: nobody is told. */
  readonly channel?: ModelChannel;
  /** What the browser says of its room; absent: the first write that fails will tell. */
  readonly estimate?: () => Promise<{ readonly quota?: number; readonly usage?: number }>;
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

/** Browsers open six connections to a host; one page must not take them all. */
const DEFAULT_PARALLEL: ParallelLimits = { connections: 4, leastPieceBytes: 256 * 1024 };

/** Longer than one piece takes on a slow line, or the other tab's own retries. */
const PATIENCE_MS = 120_000;

/** The part of a BroadcastChannel that the service uses. */
export interface ModelChannel {
  postMessage(message: ModelAnnouncement): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ModelAnnouncement>) => void): void;
}

type OnEvent = (event: DownloadEvent) => void;

/**
 * Everything behind the download worker's port but its greeting: lists, downloads that resume, repair, removal.
 * Every method settles with an envelope; none rejects.
 */
export function createDownloadService(options: DownloadServiceOptions): UngovernedPort {
  const clock = options.clock ?? systemClock;
  const exclusive = options.exclusive ?? createExclusive();
  const stall = options.stall ?? DEFAULT_STALL;
  const mirrors = options.mirrors ?? (async () => []);
  const fetch = createAllowedFetch(async () => [
    options.catalogueUrl.origin,
    ...(options.allowedOrigins ?? []),
    ...(await mirrors()).map((mirror) => new URL(mirror).origin),
  ]);
  const openStore = once(options.openStore);
  const lists = new ModelLists({ fetch, clock }, options.catalogueUrl, openStore);
  const pins = options.pins ?? createMemoryPinStore();
  const openModels = new OpenModels(pins);
  const tools: FetchTools = { lists, openModels, catalogueUrl: options.catalogueUrl, mirrors };
  const calls = new Calls();
  const announce = (message: ModelAnnouncement) => options.channel?.postMessage(message);
  if (options.channel !== undefined) {
    options.channel.addEventListener('message', ({ data }) => {
      if (data.type === 'model-pause') void calls.abortModel(data.modelId);
    });
  }
  const forever = new AbortController().signal;

  const transferOf = async (signal: AbortSignal, tell: OnEvent): Promise<Transfer> => ({
    tools: { fetch, clock, stall },
    store: await openStore(),
    parallel: options.parallel ?? DEFAULT_PARALLEL,
    signal,
    retry: () =>
      new Retry({
        clock,
        random: options.random ?? Math.random,
        policy: options.retry ?? DEFAULT_RETRY,
        onRetry: (attempt, waitMs, reason) => tell({ type: 'download-retry', attempt, waitMs, reason }),
      }),
    onMirror: (host, reason) => tell({ type: 'download-mirror', host, reason }),
  });

  const fetchMissing = async (
    model: string,
    onEvent: OnEvent,
    signal: AbortSignal,
    isRepair: boolean,
  ): Promise<StoredModel> => {
    const store = await openStore();
    const kept = isAddress(model) ? undefined : await store.record(model);
    // What is here whole is nobody's business: no list is asked for it.
    const open = kept?.isSealed ? undefined : await openModelOf(tools, model, signal);
    const modelId = open?.id ?? model;
    const tell = quietly((event) => {
      announce({ type: 'model-progress', modelId, event });
      onEvent(event);
    });
    const progress = new DownloadProgress(clock, tell);
    const turns = { exclusive, clock, store, patienceMs: options.patienceMs ?? PATIENCE_MS };
    const onWaiting = (record: WeightRecord) => progress.report(storedBytes(record), record.size);
    const onBytes = progress.report.bind(progress);
    return inTurn(turns, modelId, onWaiting, signal, async () => {
      try {
        await assertRoom(options.estimate, kept, open?.size ?? undefined);
        const stored = await fetchModel(tools, modelId, open, await transferOf(signal, tell), onBytes, isRepair);
        await store.touch(modelId).catch(() => {}); // When it was used is a convenience.
        announce({ type: 'model-stored', modelId });
        return stored;
      } catch (error) {
        announce({ type: 'model-stopped', modelId });
        // Perhaps the site was updated since its lists were read.
        if (!isAbortError(error)) lists.forget();
        throw error;
      }
    });
  };

  /** A pinned model by its source: the address it was asked for by, or the one that its manifest remembers. */
  const sourceOf = async (modelId: string, signal: AbortSignal) => {
    const known = await openModelOf(tools, modelId, signal);
    if (known !== undefined) return known;
    const { manifest } = await lists.manifest(modelId, signal);
    if (manifest.origin?.url === undefined) return undefined;
    const { name, licence, origin } = manifest;
    return { id: modelId, name, licence: licence.id, addresses: [new URL(origin.url ?? '')], size: null, sha256: null };
  };

  return {
    catalogue: () => settle(() => lists.catalogue(forever)),
    manifest: (modelId) => settle(async () => (await lists.manifest(modelId, forever)).manifest),
    known: () => settle(() => lists.known(forever)),
    adapterBytes: (adapter) => settle(() => readAdapterBytes(new BlobByteSource(adapter))),
    changes: (callId, modelId) =>
      settle(() =>
        calls.run(callId, modelId, async (signal) => {
          const source = await sourceOf(modelId, signal);
          return source === undefined ? null : openModels.changes(source, await transferOf(signal, () => {}));
        }),
      ),
    acceptChange: (modelId, edition) =>
      settle(async () => {
        await openModels.accept(modelId, edition, await openStore());
        return null;
      }),
    importFiles: (callId, files, trust, onEvent) =>
      settle(() =>
        calls.run(callId, '', async (signal) => {
          const { importModels } = await import('../library/imports/index.ts');
          const store = await openStore();
          const progress = new DownloadProgress(clock, quietly(onEvent));
          const known = (await lists.known(signal)).filter(({ source }) => source?.sha256);
          const importing = importModels(
            {
              store,
              pins,
              trusted: [],
              known: (sha256) => known.find(({ source }) => source?.sha256 === sha256),
              signal,
              onProgress: (loaded, total) => progress.report(Math.round(loaded), total),
            },
            files,
            trust,
          );
          return toStoredModels(store, await importing);
        }),
      ),
    exportModel: (modelId, form) =>
      settle(async () => {
        const { exportModel } = await import('../library/exports.ts');
        const store = await openStore();
        return exportModel(store, pins, modelId, form, (key) => toBlob(store, key));
      }),
    verify: (callId, modelId, onEvent) =>
      settle(() =>
        calls.run(callId, modelId, async (signal) => {
          const store = await openStore();
          const progress = new DownloadProgress(clock, quietly(onEvent));
          const files = await storedFiles(store, modelId);
          for (const { key } of files) {
            const record = await store.record(key);
            if (record === undefined) continue;
            await dropCorruptChunks(store, record, signal, (bytes) => progress.report(bytes, record.size));
            const after = await store.record(key);
            // Without one of its files a model is not whole either.
            if (key !== modelId && after !== undefined && !isComplete(after)) await store.dropChunks(modelId, [0]);
          }
          const record = await store.record(modelId);
          if (record === undefined) throw new SottoError('model-unknown', `"${modelId}" is not stored here.`);
          return toStoredModel(record, await store.mediumOf(modelId));
        }),
      ),
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
        return toStoredModels(store, await store.list());
      }),
    place: () =>
      settle(async () => ({ medium: (await openStore()).medium, choices: (await options.choices?.()) ?? [] })),
    moveModels: (callId, medium, onEvent) =>
      settle(() =>
        calls.run(callId, '', async (signal) => {
          const { moveTo } = options;
          if (moveTo === undefined) throw new SottoError('storage-unavailable', 'Models cannot be moved here.');
          const progress = new DownloadProgress(clock, quietly(onEvent));
          const alone = (modelId: string, body: () => Promise<void>) => exclusive(downloadLock(modelId), signal, body);
          const moved = await moveTo(medium, { signal, onProgress: progress.report.bind(progress), alone });
          for (const modelId of moved) announce({ type: 'model-stored', modelId });
          const store = await openStore();
          return toStoredModels(store, await store.list());
        }),
      ),
    remove: (modelId) =>
      settle(async () => {
        await calls.abortModel(modelId);
        const store = await openStore();
        const parts = (await store.list()).filter(({ id }) => id.startsWith(companionKey(modelId, 0).slice(0, -1)));
        for (const { id } of [...parts, { id: modelId }]) await store.remove(id);
        announce({ type: 'model-removed', modelId });
        return null;
      }),
    abort: (callId) => calls.abort(callId),
  };
}

/** What the page is told of models; further files of a model are not models. */
function toStoredModels(store: WeightStore, records: readonly WeightRecord[]): Promise<readonly StoredModel[]> {
  const models = records.filter(({ id }) => !isCompanionKey(id));
  return Promise.all(models.map(async (record) => toStoredModel(record, await store.mediumOf(record.id))));
}

/** Events go to another thread; that it no longer listens is no reason for a download to fail. */
function quietly(onEvent: OnEvent): OnEvent {
  return (event) => {
    void (async () => onEvent(event))().catch(() => {});
  };
}

/**
 * Refuses what the browser says it has no room for, before a byte is fetched. Where it says nothing, or lies, the write that
 * fails tells. Throws `storage-full` with the figures.
 */
async function assertRoom(
  estimate: DownloadServiceOptions['estimate'],
  kept: WeightRecord | undefined,
  size: number | undefined,
): Promise<void> {
  const whole = kept?.size ?? size;
  if (estimate === undefined || whole === undefined) return;
  const { quota, usage } = await estimate().catch(() => ({ quota: undefined, usage: undefined }));
  if (quota === undefined || usage === undefined) return;
  const neededBytes = whole - (kept === undefined ? 0 : storedBytes(kept));
  const availableBytes = Math.max(0, quota - usage);
  if (neededBytes <= availableBytes) return;
  throw new SottoError(
    'storage-full',
    `The model needs ${neededBytes} bytes; the browser has ${availableBytes} free.`,
    {
      details: { neededBytes, availableBytes },
    },
  );
}
