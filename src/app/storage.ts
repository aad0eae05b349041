import { type ReadonlySignal, signal } from '@preact/signals';
import { SottoError } from '../shared/index.ts';
import { type ChatStore, createChatStore } from '../storage/chats/index.ts';
import { createDocumentStore, type DocumentStore } from '../storage/documents/index.ts';
import {
  createMemoryRecordStore,
  type IdbRecordStore,
  openRecordStore,
  type RecordStore,
} from '../storage/records/index.ts';
import { createSettingsStore, type SettingsStore } from '../storage/settings/index.ts';
import { openVault, type Vault } from '../storage/vault/index.ts';

export interface Storage {
  readonly chats: ChatStore;
  readonly settings: SettingsStore;
  readonly documents: DocumentStore;
  /** All of them together, wherever they are kept. */
  readonly kept: RecordStore;
  /** Null where the browser keeps nothing. */
  readonly records: IdbRecordStore | null;
  /** Must be unlocked before anything else is read. */
  readonly vault: Vault | null;
  readonly isSuperseded: ReadonlySignal<boolean>;
}

/** Opens what this browser keeps of the person's own; in memory where it keeps nothing, or where a newer version owns it. */
export async function openStorage(): Promise<Storage> {
  const isSuperseded = signal(false);
  const onSuperseded = () => {
    isSuperseded.value = true;
  };
  const stored = await openRecordStore({ onSuperseded }).catch((error: unknown) => {
    if (!SottoError.isInstance(error) || error.code !== 'record-newer') throw error;
    onSuperseded();
    return null;
  });
  const vault = stored === null ? null : await openVault(stored);
  const records = stored ?? createMemoryRecordStore();
  return {
    chats: createChatStore(records),
    settings: createSettingsStore(records),
    documents: createDocumentStore(records),
    kept: records,
    records: stored,
    vault,
    isSuperseded,
  };
}
