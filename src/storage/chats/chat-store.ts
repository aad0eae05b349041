import { SottoError } from '../../shared/index.ts';
import type { RecordChange, RecordStore, StoredRecord } from '../records/index.ts';
import { CHAT_VERSION, type Chat, MESSAGE_VERSION, type Message, readChat, readMessage } from './chat-record.ts';

const CHAT = 'chat';
const MESSAGE = 'message';
const DRAFT = 'draft';
const DRAFT_VERSION = 1;

/** What is written together: all of it or nothing. */
export interface ChatChanges {
  readonly chats?: readonly Chat[];
  readonly messages?: readonly Message[];
  readonly removedChats?: readonly string[];
  readonly removedMessages?: readonly string[];
}

export interface LoadedChats {
  readonly chats: readonly Chat[];
  /** Unsent texts by chat id; '' is the draft of a chat that has not begun. */
  readonly drafts: ReadonlyMap<string, string>;
}

export interface LoadedMessages {
  readonly messages: readonly Message[];
  /** Messages of the chat that are on the disk and cannot be shown: set aside now or earlier, or of a newer version. */
  readonly unreadable: number;
}

/** What could not be read, so that it is said and never silently missing. */
export interface Problems {
  /** Records that made no sense, set aside. */
  readonly setAside: number;
  /** Records of a newer version of the app, left alone. */
  readonly newer: number;
}

export interface ChatStore {
  readonly medium: 'indexeddb' | 'memory';
  load(): Promise<LoadedChats>;
  messages(chatId: string): Promise<LoadedMessages>;
  allMessages(): Promise<readonly Message[]>;
  save(changes: ChatChanges): Promise<void>;
  /** An empty text deletes the draft. */
  saveDraft(chatId: string, text: string): Promise<void>;
  problems(): Problems;
  /** Told which chats another tab changed; null: everything may have. */
  onRemoteChange(listener: (chatIds: ReadonlySet<string> | null) => void): () => void;
}

export function createChatStore(records: RecordStore): ChatStore {
  let setAside = 0;
  let newer = 0;

  const readAll = async <T>(
    kind: string,
    version: number,
    read: (value: unknown) => T,
    parent?: string,
  ): Promise<{ readonly values: readonly T[]; readonly left: number }> => {
    const values: T[] = [];
    let left = 0;
    newer = kind === CHAT ? 0 : newer;
    for (const record of await records.list(kind, parent)) {
      const value = await readOne(record, version, read);
      if (value === 'left') left += 1;
      else if (value !== 'set-aside') values.push(value);
    }
    return { values, left };
  };
  /** `left`: it stays where it is, and cannot be shown. */
  const readOne = async <T>(record: StoredRecord, version: number, read: (value: unknown) => T) => {
    if (record.version > version) {
      newer += 1;
      return 'left';
    }
    try {
      return read(record.value);
    } catch (error) {
      setAside += 1;
      try {
        await records.quarantine(record, SottoError.isInstance(error) ? error.message : String(error));
        return 'set-aside';
      } catch {
        // Not even the browser can read it, to move it.
        return 'left';
      }
    }
  };

  return {
    medium: records.medium,
    async load() {
      const { values: chats } = await readAll(CHAT, CHAT_VERSION, readChat);
      const drafts = new Map<string, string>();
      for (const { id, value } of await records.list(DRAFT)) {
        if (typeof value === 'string') drafts.set(id === NO_CHAT ? '' : id, value);
      }
      return { chats, drafts };
    },
    async messages(chatId) {
      const { values, left } = await readAll(MESSAGE, MESSAGE_VERSION, readMessage, chatId);
      const aside = (await records.quarantined()).filter(({ kind, parent }) => kind === MESSAGE && parent === chatId);
      return { messages: values, unreadable: left + aside.length };
    },
    allMessages: async () => (await readAll(MESSAGE, MESSAGE_VERSION, readMessage)).values,
    async save({ chats = [], messages = [], removedChats = [], removedMessages = [] }) {
      const orphans = await Promise.all(removedChats.map((id) => records.list(MESSAGE, id)));
      const gone = (kind: string, id: string): RecordChange => ({ kind, id, version: 0, value: undefined });
      await records.write([
        ...chats.map((chat) => ({ kind: CHAT, id: chat.id, version: CHAT_VERSION, value: chat })),
        ...messages.map((message) => ({
          kind: MESSAGE,
          id: message.id,
          parent: message.chatId,
          version: MESSAGE_VERSION,
          value: message,
        })),
        ...removedMessages.map((id) => gone(MESSAGE, id)),
        ...orphans.flat().map(({ id }) => gone(MESSAGE, id)),
        ...removedChats.flatMap((id) => [gone(CHAT, id), gone(DRAFT, id)]),
      ]);
      if (removedChats.length === 0) return;
      await records.dropAside(({ kind, id, parent }) => removedChats.includes(kind === MESSAGE ? parent : id));
    },
    saveDraft: (chatId, text) =>
      records.write([
        { kind: DRAFT, id: chatId || NO_CHAT, version: DRAFT_VERSION, value: text === '' ? undefined : text },
      ]),
    problems: () => ({ setAside, newer }),
    onRemoteChange: (listener) =>
      records.onRemoteChange((changes) => {
        if (changes.some(({ kind }) => kind === '*')) return listener(null);
        const ids = changes.flatMap(({ kind, id, parent }) =>
          kind === CHAT ? [id] : kind === MESSAGE && parent !== '' ? [parent] : [],
        );
        if (ids.length > 0) listener(new Set(ids));
      }),
  };
}

/** IndexedDB takes an empty text as a key, but a name is easier to find in a database. */
const NO_CHAT = 'new';
