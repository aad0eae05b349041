import { computed, type ReadonlySignal, signal } from '@preact/signals';
import {
  type CatalogueEntry,
  type DownloadEvent,
  isAbortError,
  type LazyLibrary,
  type ModelAnnouncement,
  type ModelChange,
  type ModelManifest,
  type ModelPlan,
  type Recommendation,
  type RememberedModel,
  SottoError,
  type StorageState,
  type StoredModel,
} from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import { saveBlob } from '../pages/index.ts';
import { type Failure, toFailure } from '../state/index.ts';

/** A model that is here, or that the site offers. */
export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly stored: StoredModel | null;
  readonly manifest: ModelManifest | null;
  readonly plan: ModelPlan | null;
}

/** What is being done with a model. `elsewhere`: by another tab. */
export interface Work {
  readonly kind: 'download' | 'verify' | 'other';
  readonly loadedBytes: number;
  readonly totalBytes: number;
  readonly secondsLeft: number | null;
  /** Why nothing comes just now, and when it is asked for again. */
  readonly retry: { readonly waitMs: number; readonly reason: string } | null;
  readonly isElsewhere: boolean;
}

/** Something said about one model, until the next thing is done with it. */
export interface Notice {
  readonly text: 'whole' | 'broken' | 'unchanged' | null;
  readonly failure: Failure | null;
  /** The figures of a failure, where it has some. */
  readonly details?: Readonly<Record<string, unknown>>;
}

interface FoundChange {
  readonly name: string;
  readonly change: ModelChange;
}

export interface ModelsState {
  readonly rows: ReadonlySignal<readonly ModelRow[] | null>;
  readonly known: ReadonlySignal<readonly CatalogueEntry[]>;
  readonly evicted: ReadonlySignal<readonly RememberedModel[]>;
  readonly storage: ReadonlySignal<StorageState | null>;
  readonly recommended: ReadonlySignal<readonly Recommendation[] | null>;
  readonly work: ReadonlySignal<ReadonlyMap<string, Work>>;
  readonly notices: ReadonlySignal<ReadonlyMap<string, Notice>>;
  readonly change: ReadonlySignal<FoundChange | null>;
  readonly importing: ReadonlySignal<Work | null>;
  readonly importFailure: ReadonlySignal<Failure | null>;
  /** What came of the last import, by name. */
  readonly imported: ReadonlySignal<{ readonly fresh: readonly string[]; readonly known: readonly string[] }>;
  /** A pack whose signer nobody here knows, waiting for the person's word. */
  readonly untrusted: ReadonlySignal<{ readonly signer: string } | null>;
  refresh(): Promise<void>;
  download(id: string): Promise<void>;
  pause(id: string): void;
  verify(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  exportModel(id: string, form: 'files' | 'pack'): Promise<void>;
  lookForChanges(row: ModelRow): Promise<void>;
  acceptChange(): Promise<void>;
  closeChange(): void;
  importFiles(files: readonly File[], trust?: string): Promise<void>;
  trustAndImport(): Promise<void>;
  forget(id: string): Promise<void>;
  /** The models on their way to another place. */
  readonly moving: ReadonlySignal<Work | null>;
  readonly moveFailure: ReadonlySignal<Failure | null>;
  moveTo(medium: 'indexeddb' | 'opfs'): Promise<void>;
  dispose(): void;
}

type Models = Engine['models'] & LazyLibrary;

const IDLE: Work = {
  kind: 'other',
  loadedBytes: 0,
  totalBytes: 0,
  secondsLeft: null,
  retry: null,
  isElsewhere: false,
};

const NOTHING = { fresh: [], known: [] };

/** State of the panel while it is open. `models` must be those of a whole library; `onRemoved` hears of each that was deleted. */
export function createModelsState(models: Models, onRemoved: (id: string) => void): ModelsState {
  const rows = signal<readonly ModelRow[] | null>(null);
  const known = signal<readonly CatalogueEntry[]>([]);
  const evicted = signal<readonly RememberedModel[]>([]);
  const storage = signal<StorageState | null>(null);
  const recommended = signal<readonly Recommendation[] | null>(null);
  const work = signal<ReadonlyMap<string, Work>>(new Map());
  const notices = signal<ReadonlyMap<string, Notice>>(new Map());
  /** What was found at the sources, one shown after the other: a later find takes the place of none that is being read. */
  const changes = signal<readonly FoundChange[]>([]);
  const change = computed(() => changes.value[0] ?? null);
  const importing = signal<Work | null>(null);
  const importFailure = signal<Failure | null>(null);
  const imported = signal<ModelsState['imported']['value']>(NOTHING);
  const untrusted = signal<{ readonly signer: string } | null>(null);
  const moving = signal<Work | null>(null);
  const moveFailure = signal<Failure | null>(null);
  let waiting: readonly File[] = [];
  const own = new Set<string>();
  let refreshes = 0;
  let importTurn: Promise<void> = Promise.resolve();

  const setWork = (id: string, value: Work | null) => {
    const next = new Map(work.value);
    if (value === null) next.delete(id);
    else next.set(id, value);
    work.value = next;
  };
  const say = (id: string, notice: Notice | null) => {
    const next = new Map(notices.value);
    if (notice === null) next.delete(id);
    else next.set(id, notice);
    notices.value = next;
  };
  const progress = (now: Work, event: DownloadEvent): Work => {
    if (event.type === 'download-progress') {
      const { loadedBytes, totalBytes, secondsLeft = null } = event;
      return { ...now, loadedBytes, totalBytes, secondsLeft, retry: null };
    }
    return event.type === 'download-retry' ? { ...now, retry: event } : now;
  };

  /** Of several that run at once the one that was begun last is shown: it knows most. */
  const refresh = async () => {
    refreshes += 1;
    const turn = refreshes;
    const [stored, catalogue] = await Promise.all([models.stored(), models.catalogue().catch(() => [])]);
    const names = new Map([...catalogue, ...stored].map(({ id, name }) => [id, name]));
    const described = await Promise.all(
      [...names].map(async ([id, name]): Promise<ModelRow> => {
        const manifest = await models.manifest(id).catch(() => null);
        const plan = manifest === null ? null : await models.plan(id).catch(() => null);
        const row = stored.find((model) => model.id === id && model.storedBytes > 0) ?? null;
        return { id, name: manifest?.name ?? name, stored: row, manifest, plan };
      }),
    );
    if (turn !== refreshes) return;
    rows.value = described;
    const others = await Promise.all([
      models.known().catch(() => []),
      models.evicted().catch(() => []),
      models.storage().catch(() => null),
    ]);
    if (turn !== refreshes) return;
    [known.value, evicted.value, storage.value] = others;
    const fitting = await models.recommend().catch(() => []);
    if (turn === refreshes) recommended.value = fitting;
  };

  /** One thing at a time with each model; whatever comes of it is said at its row. */
  const run = async (id: string, first: Work, body: () => Promise<Notice | null>) => {
    if (own.has(id)) return;
    say(id, null);
    own.add(id);
    setWork(id, first);
    try {
      say(id, await body());
    } catch (error) {
      const details = SottoError.isInstance(error) ? error.details : {};
      if (!isAbortError(error)) say(id, { text: null, failure: toFailure(error), details });
    }
    own.delete(id);
    setWork(id, null);
    await refresh().catch(() => {});
  };

  const stopWatching = models.watch((event: ModelAnnouncement) => {
    if (event.type === 'model-progress') {
      if (own.has(event.modelId)) return;
      const next = progress({ ...IDLE, kind: 'download', isElsewhere: true }, event.event);
      if (next.loadedBytes < next.totalBytes) setWork(event.modelId, next);
    } else if (event.type !== 'model-pause' && !own.has(event.modelId)) {
      setWork(event.modelId, null);
      void refresh().catch(() => {});
    }
  });

  /** Files that are dropped while others come in wait for them. */
  const importFiles = (files: readonly File[], trust?: string) => {
    importTurn = importTurn.then(() => importNow(files, trust));
    return importTurn;
  };
  const importNow = async (files: readonly File[], trust: string | undefined) => {
    importFailure.value = null;
    imported.value = NOTHING;
    untrusted.value = null;
    importing.value = IDLE;
    try {
      const before = await models.stored();
      const here = new Set(before.filter(({ complete }) => complete).map(({ id }) => id));
      const stored = await models.import(files, {
        ...(trust === undefined ? {} : { trust }),
        onProgress: (event) => {
          importing.value = progress(importing.value ?? IDLE, event);
        },
      });
      const named = (isKnown: boolean) => stored.filter(({ id }) => here.has(id) === isKnown).map(({ name }) => name);
      imported.value = { fresh: named(false), known: named(true) };
    } catch (error) {
      const signer = SottoError.isInstance(error) && error.code === 'pack-untrusted' ? error.details['signer'] : null;
      if (typeof signer === 'string') {
        waiting = files;
        untrusted.value = { signer };
      } else if (!isAbortError(error)) importFailure.value = toFailure(error);
    }
    importing.value = null;
    await refresh().catch(() => {});
  };

  return {
    rows,
    known,
    evicted,
    storage,
    recommended,
    work,
    notices,
    change,
    importing,
    importFailure,
    imported,
    untrusted,
    refresh,
    download: (id) =>
      run(id, { ...IDLE, kind: 'download' }, async () => {
        await models.download(id, {
          onProgress: (event) => setWork(id, progress(work.value.get(id) ?? { ...IDLE, kind: 'download' }, event)),
        });
        return null;
      }),
    pause: (id) => void models.pause(id),
    verify: (id) =>
      run(id, { ...IDLE, kind: 'verify' }, async () => {
        const { complete } = await models.verify(id, {
          onProgress: (event) => setWork(id, progress({ ...IDLE, kind: 'verify' }, event)),
        });
        return { text: complete ? 'whole' : 'broken', failure: null };
      }),
    remove: (id) =>
      run(id, IDLE, async () => {
        await models.delete(id);
        onRemoved(id);
        return null;
      }),
    exportModel: (id, form) =>
      run(id, IDLE, async () => {
        for (const { name, blob } of await models.export(id, form)) saveBlob(name, blob);
        return null;
      }),
    lookForChanges: (row) =>
      run(row.id, IDLE, async () => {
        const found = await models.changes(row.id);
        const others = changes.value.filter(({ change: { modelId } }) => modelId !== row.id);
        const fresh = found === null ? [] : [{ name: row.name, change: found }];
        const isShown = change.value?.change.modelId === row.id;
        changes.value = isShown ? [...fresh, ...others] : [...others, ...fresh];
        return found === null ? { text: 'unchanged', failure: null } : null;
      }),
    acceptChange: async () => {
      const accepted = change.value?.change;
      if (accepted === undefined || own.has(accepted.modelId)) return;
      changes.value = changes.value.slice(1);
      await run(accepted.modelId, { ...IDLE, kind: 'download' }, async () => {
        // What is loaded of the edition before goes with it.
        const source = rows.value?.find(({ id }) => id === accepted.modelId)?.manifest?.origin?.url;
        await models.acceptChange(accepted.modelId, accepted.edition);
        await models.download(source ?? accepted.modelId);
        return null;
      });
    },
    closeChange: () => {
      changes.value = changes.value.slice(1);
    },
    importFiles,
    trustAndImport: async () => {
      const { signer } = untrusted.value ?? {};
      if (signer !== undefined) await importFiles(waiting, signer);
    },
    forget: async (id) => {
      await models.forget(id);
      await refresh();
    },
    moving,
    moveFailure,
    moveTo: async (medium) => {
      moveFailure.value = null;
      moving.value = IDLE;
      try {
        const onProgress = (event: DownloadEvent) => {
          moving.value = progress(moving.value ?? IDLE, event);
        };
        await models.moveTo(medium, { onProgress });
      } catch (error) {
        if (!isAbortError(error)) moveFailure.value = toFailure(error);
      }
      moving.value = null;
      await refresh().catch(() => {});
    },
    dispose: () => void stopWatching.then((stop) => stop()),
  };
}
