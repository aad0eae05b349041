import { effect, signal, untracked } from '@preact/signals';
import type { App } from './app-context.ts';
import { deleteEverything } from './delete-everything.ts';
import type { Engine } from './engine.ts';
import { lockWhenIdle } from './lock-when-idle.ts';
import { createNetworkLog, keepOfflineShell, observePageResources } from './pwa/index.ts';
import {
  createChatController,
  createChatLibrary,
  createDocumentsController,
  createModelController,
  createSettingsController,
  createVaultController,
  parseQuery,
  type Schedule,
} from './state/index.ts';
import type { Storage } from './storage.ts';
import { TEXT } from './text.ts';

/** Parameters from which a model's titles are better than the first question; smaller ones mostly answer it again. */
const NAMES_WELL = 1e9;

/** A model file that the system opened with the installed app. */
function onLaunchedWith(open: (file: File) => void): void {
  const { launchQueue } = globalThis as {
    launchQueue?: {
      setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
    };
  };
  launchQueue?.setConsumer(({ files }) => {
    void files[0]?.getFile().then(open);
  });
}

/** A hidden tab draws no pictures: its text still has to arrive. */
const HIDDEN_TAB_MS = 100;

const nextPicture: Schedule = (callback) => {
  if (document.visibilityState === 'visible') requestAnimationFrame(callback);
  else setTimeout(callback, HIDDEN_TAB_MS);
};

function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

/** Wires the page's state to the browser it runs in. Started once, for the life of the page. */
export function createApp(engine: Engine, storage: Storage): App {
  const query = parseQuery(location.search);
  const { load, modelId } = query;
  const model = createModelController({ engine, load, modelId, savesData: savesData() });
  const ready = () => {
    const state = model.state.value;
    if (state.kind !== 'ready') return null;
    return { id: state.model.id, name: state.subject.name, parameters: state.model.parameters };
  };
  const library = createChatLibrary(storage.chats);
  const settings = createSettingsController(storage.settings);
  const documents = createDocumentsController({
    engine,
    store: storage.documents,
    nothingFits: TEXT.documents.nothingFits,
    contextLength: () => (model.state.value.kind === 'ready' ? model.state.value.model.contextLength : 0),
  });
  const chat = createChatController({
    engine,
    library,
    model: ready,
    schedule: nextPicture,
    ground: documents.ground,
    defaults: () => settings.settings.value,
    namesChats: () => {
      const { naming } = settings.settings.value;
      return naming === 'model' || (naming === 'auto' && (ready()?.parameters ?? 0) >= NAMES_WELL);
    },
  });
  const vault = createVaultController({
    vault: storage.vault,
    records: storage.records,
    settled: chat.keeper.settled,
    reload: () => location.reload(),
  });
  effect(() => {
    // Locked, nothing can be read; unlocked, everything is.
    if (vault.state.value === 'locked') return;
    untracked(() => {
      void library.load();
      void settings.load();
      void documents.load();
    });
  });
  lockWhenIdle(() => {
    const minutes = settings.settings.value.lockAfterMinutes;
    return vault.state.value === 'open' && minutes > 0 && !chat.isAnswering.value ? minutes : null;
  }, vault.lock);

  const serviceWorker = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  // The development server has no built service worker to offer.
  const shellScript = new URL('service-worker.js', document.baseURI).href;
  const shell = keepOfflineShell(import.meta.env.PROD ? serviceWorker : undefined, shellScript, () =>
    location.reload(),
  );
  const network = createNetworkLog({ serviceWorker, observeResources: observePageResources, now: Date.now });

  const isOnline = signal(navigator.onLine);
  addEventListener('online', () => {
    isOnline.value = true;
    model.onNetworkBack();
  });
  addEventListener('offline', () => {
    isOnline.value = false;
  });

  let contextOf: string | null = null;
  effect(() => {
    const id = ready()?.id ?? null;
    if (id === null) return;
    void shell.settled.then(network.begin);
    if (contextOf !== null && contextOf !== id) untracked(chat.resetContext);
    contextOf = id;
  });
  if (new URLSearchParams(location.search).has('temporary')) chat.startNew({ isTemporary: true });
  onLaunchedWith((file) => void model.openFile(file));
  void model.start();
  return {
    engine,
    model,
    chat,
    library,
    settings,
    documents,
    vault,
    deleteAll: async () => {
      engine.dispose();
      storage.records?.close();
      return deleteEverything();
    },
    passage: signal(null),
    network: network.log,
    shell,
    isOnline,
    isSuperseded: storage.isSuperseded,
    refusedOptions: query.refused,
    panel: signal(null),
  };
}
