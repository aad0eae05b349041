import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Chat, ChatChanges, ChatStore, LoadedMessages, Message } from '../../storage/chats/index.ts';
import type { ChatSearch, SearchHit } from './chat-search.ts';
import { type Failure, toFailure } from './failure.ts';

/** All chats that are kept: their list, their search, and what is done to a chat as a whole. */
export interface ChatLibrary {
  /** Pinned first, then by last activity. */
  readonly chats: ReadonlySignal<readonly Chat[]>;
  readonly isLoaded: ReadonlySignal<boolean>;
  /** Why the list could not be read, or null. */
  readonly failure: ReadonlySignal<Failure | null>;
  /** Records that could not be read: said, never silently missing. */
  readonly problems: ReadonlySignal<{ readonly setAside: number; readonly newer: number }>;
  /** Unsent texts by chat id; '' is that of a chat that has not begun. */
  readonly drafts: Map<string, string>;
  readonly store: ChatStore;
  load(): Promise<void>;
  /** Messages of one chat, and how many of them could not be read. */
  read(chatId: string): Promise<LoadedMessages>;
  /** Writes and keeps list and search in step; rejects with a coded error and changes nothing where it cannot. */
  save(changes: ChatChanges): Promise<void>;
  update(chatId: string, change: Partial<Omit<Chat, 'id'>>): Promise<void>;
  remove(chatIds: readonly string[]): Promise<void>;
  /** Reads all messages once, then answers from memory. */
  search(query: string): Promise<readonly SearchHit[]>;
  nextActivity(): number;
  /** Kept in memory at once and written when typing pauses; an empty text deletes it. */
  saveDraft(chatId: string, text: string): void;
  /** Writes what waits for a pause: the page is about to go. Resolves when it lies on the disk, or cannot. */
  writeDrafts(): Promise<void>;
  /** Told which chats another tab changed, after the list was read again. */
  onRemoteChange(listener: (chatIds: ReadonlySet<string> | null) => void): void;
}

/** How long typing pauses before a draft is written. */
const DRAFT_MS = 400;

export function createChatLibrary(store: ChatStore): ChatLibrary {
  const chats = signal<readonly Chat[]>([]);
  const isLoaded = signal(false);
  const failure = signal<Failure | null>(null);
  const problems = signal({ setAside: 0, newer: 0 });
  const listeners = new Set<(chatIds: ReadonlySet<string> | null) => void>();
  let drafts = new Map<string, string>();
  const draftTimers = new Map<string, ReturnType<typeof setTimeout>>();
  let search: Promise<ChatSearch> | null = null;
  /** Counts what this page has written: a list that was read before that is older than what is shown. */
  let writes = 0;

  const put = (changed: readonly Chat[], removed: readonly string[] = []) => {
    const rest = chats.value.filter(({ id }) => !removed.includes(id) && !changed.some((chat) => chat.id === id));
    chats.value = [...rest, ...changed].sort(byActivity);
    writes += 1;
  };
  const load = async (): Promise<void> => {
    try {
      const before = writes;
      const loaded = await store.load();
      if (writes !== before) return await load();
      batch(() => {
        chats.value = [...loaded.chats].sort(byActivity);
        // What is being typed here is newer than what was read.
        drafts = new Map([...loaded.drafts, ...[...drafts].filter(([id]) => draftTimers.has(id))]);
        problems.value = store.problems();
        failure.value = null;
        isLoaded.value = true;
      });
    } catch (error) {
      failure.value = toFailure(error);
      isLoaded.value = true;
    }
  };
  const index = () => {
    search ??= Promise.all([import('./chat-search.ts'), store.allMessages()]).then(
      ([{ createChatSearch }, messages]) => {
        const made = createChatSearch();
        for (const message of messages) made.put(message);
        return made;
      },
    );
    search.catch(() => {
      search = null;
    });
    return search;
  };
  const save = async (changes: ChatChanges) => {
    await store.save(changes);
    put(changes.chats ?? [], changes.removedChats);
    // That the texts could not be read for a search is told to whoever searches.
    const made = await search?.catch(() => null);
    for (const message of changes.messages ?? []) made?.put(message);
    made?.remove(changes.removedMessages ?? []);
    for (const id of changes.removedChats ?? []) made?.removeChat(id);
  };

  const writeDraft = async (chatId: string) => {
    const timer = draftTimers.get(chatId);
    clearTimeout(timer);
    // A draft that cannot be kept is still on the screen; the next letter tries again.
    await store.saveDraft(chatId, drafts.get(chatId) ?? '').catch(() => {});
    if (draftTimers.get(chatId) === timer) draftTimers.delete(chatId);
    writes += 1;
  };

  store.onRemoteChange((chatIds) => {
    // Texts of other tabs are read again when somebody searches.
    search = null;
    void load().then(() => {
      for (const listener of listeners) listener(chatIds);
    });
  });

  return {
    chats,
    isLoaded,
    failure,
    problems,
    store,
    get drafts() {
      return drafts;
    },
    load,
    async read(chatId) {
      const read = await store.messages(chatId);
      problems.value = store.problems();
      return read;
    },
    save,
    async update(chatId, change) {
      const chat = chats.value.find(({ id }) => id === chatId);
      if (chat !== undefined) await save({ chats: [{ ...chat, ...change }] });
    },
    remove: (removedChats) => save({ removedChats }),
    search: async (query) => (await index()).find(query, chats.value),
    nextActivity: () => chats.value.reduce((most, { activity }) => Math.max(most, activity), 0) + 1,
    saveDraft(chatId, text) {
      drafts.set(chatId, text);
      clearTimeout(draftTimers.get(chatId));
      const timer = setTimeout(() => void writeDraft(chatId), text === '' ? 0 : DRAFT_MS);
      draftTimers.set(chatId, timer);
    },
    writeDrafts: async () => {
      await Promise.all([...draftTimers.keys()].map(writeDraft));
    },
    onRemoteChange: (listener) => void listeners.add(listener),
  };
}

function byActivity(a: Chat, b: Chat): number {
  return Number(b.isPinned) - Number(a.isPinned) || b.activity - a.activity || b.createdAt - a.createdAt;
}

/** A chat that has not begun. */
export function emptyChat(now: number): Chat {
  return {
    id: crypto.randomUUID(),
    title: '',
    titledBy: 'question',
    createdAt: now,
    updatedAt: now,
    activity: 0,
    isPinned: false,
    folder: '',
    tags: [],
    leaf: null,
    systemPrompt: null,
    model: null,
    parameters: {},
    adapter: null,
    collections: [],
  };
}

/** A message as it begins. */
export function newMessage(chatId: string, fields: Pick<Message, 'parent' | 'role' | 'text' | 'order'>): Message {
  return {
    id: crypto.randomUUID(),
    chatId,
    createdAt: Date.now(),
    state: { kind: 'finished' },
    model: null,
    tokens: null,
    tokensPerSecond: null,
    citations: [],
    ...fields,
  };
}
