import { computed, effect, signal, untracked } from '@preact/signals';
import { type Ability, isPermitted, type Policy, permit } from '../policy/index.ts';
import type { SharedContent } from '../protocol/index.ts';
import { answerForKey } from '../storage/vault/index.ts';
import type { App, Panel } from './app-context.ts';
import { applyRetention } from './apply-retention.ts';
import { chosenModel } from './chosen-model.ts';
import type { Engine } from './engine.ts';
import { keepStorage } from './keep-storage.ts';
import { watchLaunches } from './launches.ts';
import { lockWhenIdle } from './lock-when-idle.ts';
import { openFiles } from './open-files.ts';
import { createNetworkLog, keepOfflineShell, observePageResources, takeSharedContent } from './pwa/index.ts';
import { createNextPicture } from './render/index.ts';
import {
  contextUse,
  createChatController,
  createChatLibrary,
  createDocumentsController,
  createModelController,
  createSettingsController,
  createVaultController,
  type Failure,
  parseQuery,
  toFailure,
} from './state/index.ts';
import { noteSpeed } from './state/measured-speeds.ts';
import type { Storage } from './storage.ts';
import { TEXT } from './text.ts';
import { whileOn } from './while-on.ts';

/** Parameters from which a model's titles are better than the first question; smaller ones mostly answer it again. */
const NAMES_WELL = 1e9;

function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

/** Made once, when it is first asked for. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}

/** Wires the page's state to the browser it runs in. Started once, for the life of the page. */
export function createApp(engine: Engine, storage: Storage, policy: Policy): App {
  const query = parseQuery(location.search);
  const { load, modelId } = query;
  const serviceWorker = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  // The development server has no built service worker to offer.
  const shellScript = new URL('service-worker.js', document.baseURI).href;
  const shell = keepOfflineShell(import.meta.env.PROD ? serviceWorker : undefined, shellScript, () => {
    void chat.leave().then(() => location.reload());
  });
  const network = createNetworkLog({
    serviceWorker,
    observeResources: observePageResources,
    account: ({ address, bytes, at }) => {
      const request = { host: new URL(address).host, reason: 'page', bytes, at: Math.round(at) } as const;
      // Its code comes from this device, or is the page's own request like the one that is counted.
      import('../storage/requests/index.ts').then(({ countRequest }) => countRequest(request)).catch(() => {});
    },
    now: Date.now,
  });
  const model = createModelController({
    engine,
    load,
    modelId,
    savesData: savesData(),
    chosen: chosenModel,
    isCounted: shell.settled,
  });
  const loadedModel = computed(() => (model.state.value.kind === 'ready' ? model.state.value.model : null));
  const ready = () => {
    const state = model.state.value;
    if (state.kind !== 'ready') return null;
    const { name, origin } = state.subject;
    const isGreedy = origin.kind === 'catalogue' && origin.manifest.defaults.temperature === 0;
    return { id: state.model.id, name, parameters: state.model.parameters, isGreedy };
  };
  const library = createChatLibrary(storage.chats);
  const settings = createSettingsController(storage.settings);
  const documents = createDocumentsController({
    engine,
    store: storage.documents,
    nothingFits: TEXT.documents.nothingFits,
    contextLength: () => (model.state.value.kind === 'ready' ? model.state.value.model.contextLength : 0),
    onMeaning: (searchesByMeaning) => settings.change({ searchesByMeaning }),
  });
  const adapters = lazily(async () => (await import('./state/adapters.ts')).createAdapters(engine, storage.kept));
  const chat = createChatController({
    engine,
    library,
    model: ready,
    schedule: createNextPicture(),
    ground: async (question, chat, signal, before) => {
      if (!policy.features.documents) return null;
      const replies = settings.settings.value.quickReplies ?? TEXT.answer.replies;
      return documents.ground(question, chat, signal, replies.includes(question) ? before : []);
    },
    useAdapter: async (id, signal) => {
      const { value } = model.state;
      if (value.kind === 'ready') await (await adapters()).use(id, value.model, signal);
    },
    defaults: () => settings.settings.value,
    namesChats: () => {
      const { naming } = settings.settings.value;
      return naming === 'model' || (naming === 'auto' && (ready()?.parameters ?? 0) >= NAMES_WELL);
    },
  });
  const vault = createVaultController({
    vault: storage.vault,
    records: storage.records,
    settled: async () => {
      await Promise.all([chat.keeper.settled(), library.writeDrafts()]);
    },
    permit: (what) => permit(policy, what),
    forgetReadings: async () => {
      const store = await (await import('../storage/snapshots/index.ts')).openSnapshotStore();
      await store?.clear();
      store?.close();
      // Nor does the vault cover rows that an expert is to learn from: what lies there in the clear goes.
      await (await import('../storage/experts/index.ts')).clearExpertDraft();
    },
    reload: () => location.reload(),
  });
  const retention = applyRetention(library, chat, policy.retentionDays);
  const refusal = signal<Failure | null>(null);
  const permitted = (what: Ability): boolean => {
    try {
      permit(policy, what);
      refusal.value = null;
      return true;
    } catch (error) {
      refusal.value = toFailure(error);
      return false;
    }
  };
  const mustMakeVault = computed(() => vault.state.value === 'off' && !isPermitted(policy, 'openVault'));
  const isShut = computed(() => vault.state.value === 'locked' || mustMakeVault.value);
  effect(() => {
    // Locked, nothing can be read; unlocked, everything is.
    if (vault.state.value === 'locked') return;
    untracked(() => {
      void library.load().then(retention.look);
      void Promise.all([settings.load(), documents.load()]).then(() => {
        if (settings.settings.value.searchesByMeaning) void documents.resumeMeaning();
      });
    });
  });
  const readings = lazily(async () => import('./state/reading-keeper.ts'));
  answerForKey(() => storage.vault?.key ?? null);
  whileOn(
    () => settings.settings.value.keepsReadings,
    async () => {
      const { keepReadings } = await readings();
      return () =>
        keepReadings({
          engine,
          chat,
          model: loadedModel,
          systemPrompt: () => settings.settings.peek().systemPrompt,
        });
    },
  );
  effect(() => {
    engine.background = settings.settings.value.pausesHidden ? 'pause' : 'continue';
  });
  let known = new Set<string>();
  effect(() => {
    const ids = new Set(library.chats.value.map(({ id }) => id));
    const gone = new Set([...known].filter((id) => !ids.has(id)));
    known = ids;
    if (gone.size === 0 || !settings.settings.peek().keepsReadings) return;
    void readings().then(({ forgetReadings }) => forgetReadings(engine, ({ name }) => gone.has(name)).catch(() => {}));
  });
  lockWhenIdle(() => {
    const minutes = settings.settings.value.lockAfterMinutes;
    return vault.state.value === 'open' && minutes > 0 && !chat.isAnswering.value ? minutes : null;
  }, vault.lock);

  const renewedOn = signal<'cpu' | 'webgpu' | null>(null);
  engine.on('engine-renewed', ({ backend }) => {
    renewedOn.value = backend;
  });
  effect(() => {
    if (model.state.value.kind === 'ready') return;
    renewedOn.value = null;
    untracked(chat.forgetRate);
  });

  const isOnline = signal(navigator.onLine);
  addEventListener('online', () => {
    isOnline.value = true;
    model.onNetworkBack();
  });
  addEventListener('offline', () => {
    isOnline.value = false;
  });

  effect(() => {
    const id = ready()?.id;
    const rate = chat.rate.value;
    if (id !== undefined && rate !== null) noteSpeed(id, rate);
  });

  let contextOf: string | null = null;
  effect(() => {
    const id = ready()?.id ?? null;
    if (id === null) return;
    void shell.settled.then(network.begin);
    if (contextOf !== null && contextOf !== id) untracked(chat.resetContext);
    contextOf = id;
  });
  // The page may go before the person pauses in typing.
  addEventListener('pagehide', () => void library.writeDrafts());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void library.writeDrafts();
  });
  const panel = signal<Panel | null>(null);
  const shared = signal<SharedContent | null>(null);
  const dropped = signal<readonly File[] | null>(null);
  const open = (files: readonly File[]) => {
    // Nothing is written in the clear while a passphrase is still to be set.
    if (mustMakeVault.value && !permitted('openVault')) return;
    openFiles(files, { model, documents, chat, panel, dropped, permitted });
  };
  watchLaunches(location.href, {
    onFiles: open,
    onTemporary: () => {
      if (permitted('temporaryChat')) chat.startNew({ isTemporary: true });
    },
    onShared: () => {
      // Taken once: a reload must not ask for it again.
      history.replaceState(null, '', location.pathname);
      void takeSharedContent(serviceWorker?.controller).then((content) => {
        shared.value = content;
      });
    },
  });
  effect(() => {
    // From now on there is something of the person's own to lose.
    if (chat.outline.value.messageCount > 0 && !chat.outline.value.isTemporary) untracked(keepStorage);
  });
  void model.start();
  return {
    engine,
    model,
    chat,
    contextUse: contextUse({
      engine,
      chat,
      model: loadedModel,
      systemPrompt: () => settings.settings.value.systemPrompt,
    }),
    library,
    settings,
    documents,
    vault,
    policy,
    permitted,
    refusal,
    retention: retention.notice,
    isShut,
    adapters,
    deleteAll: async () => {
      // First: without the service worker there may be nobody to give it.
      const { deleteEverything } = await import('./delete-everything.ts');
      engine.dispose();
      storage.records?.close();
      return deleteEverything();
    },
    passage: signal(null),
    network: network.log,
    shell,
    isOnline,
    isSuperseded: storage.isSuperseded,
    renewedOn,
    refusedOptions: query.refused,
    openFiles: open,
    dropped,
    shared,
    panel,
  };
}
