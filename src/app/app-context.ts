import type { ReadonlySignal, Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Ability, Policy } from '../policy/index.ts';
import type { SharedContent } from '../protocol/index.ts';
import type { Citation } from '../storage/chats/index.ts';
import type { RetentionNotice } from './apply-retention.ts';
import type { Engine } from './engine.ts';
import type { NetworkLog, OfflineShell } from './pwa/index.ts';
import type {
  Adapters,
  ChatController,
  ChatLibrary,
  DocumentsController,
  Failure,
  ModelController,
  SettingsController,
  VaultController,
} from './state/index.ts';

/** Which panel lies over the page. */
export type Panel = 'model' | 'models' | 'privacy' | 'chats' | 'chat' | 'settings' | 'documents' | 'commands';

/** All that components may use; nothing else reaches them. */
export interface App {
  /** For what has no controller of its own. */
  readonly engine: Pick<Engine, 'completions' | 'models' | 'sessions'>;
  readonly model: ModelController;
  readonly chat: ChatController;
  /** Tokens of the context that the open chat takes, as far as that is known. */
  readonly contextUse: ReadonlySignal<number>;
  readonly library: ChatLibrary;
  readonly settings: SettingsController;
  readonly documents: DocumentsController;
  /** Takes files that were dropped: models are run, everything else is read. */
  readonly openFiles: (files: readonly File[]) => void;
  /** What another app shared, until the person says what is to become of it. */
  readonly shared: Signal<SharedContent | null>;
  readonly vault: VaultController;
  /** What whoever runs this site allows. */
  readonly policy: Policy;
  /** True where the policy allows it; else that it does not is said above the conversation. */
  readonly permitted: (what: Ability) => boolean;
  /** What was asked for last and is not allowed, or null. */
  readonly refusal: Signal<Failure | null>;
  /** After how long chats are deleted by the policy; null: never. */
  readonly retention: ReadonlySignal<RetentionNotice | null>;
  /** The vault is locked, or has to be made first: nothing can be read or written. */
  readonly isShut: ReadonlySignal<boolean>;
  /** What was trained for personas; comes when it is first needed. */
  readonly adapters: () => Promise<Adapters>;
  /** Deletes all that is kept here; the page is of no use afterwards. */
  readonly deleteAll: () => Promise<readonly string[]>;
  /** The passage of a document that is shown, or null. */
  readonly passage: Signal<Citation | null>;
  readonly network: ReadonlySignal<NetworkLog>;
  readonly shell: OfflineShell;
  readonly isOnline: ReadonlySignal<boolean>;
  /** True when a newer version of the app took the storage: this tab saves nothing any more. */
  readonly isSuperseded: ReadonlySignal<boolean>;
  /** The kind of engine on which an answer went on after a graphics device was lost; null once a model is loaded anew. */
  readonly renewedOn: ReadonlySignal<'cpu' | 'webgpu' | null>;
  readonly refusedOptions: readonly string[];
  readonly panel: Signal<Panel | null>;
  /** Files that were dropped to be stored as models, until the panel of models takes them. */
  readonly dropped: Signal<readonly File[] | null>;
}

const AppContext = createContext<App | null>(null);

export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('useApp outside of AppProvider');
  return app;
}
