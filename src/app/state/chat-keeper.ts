import { type ReadonlySignal, signal } from '@preact/signals';
import type { Chat, Message } from '../../storage/chats/index.ts';
import type { ChatLibrary } from './chat-library.ts';
import { type Failure, toFailure } from './failure.ts';

/** Whether what is on the screen is on the disk. */
export type Saving =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'unsaved'; readonly failure: Failure };

/**
 * Writes the open chat behind its changes. What is marked as unsaved is not on the disk, and what is not marked is:
 * a mark goes only after a write with strict durability that held the message as it is shown.
 */
export interface ChatKeeper {
  readonly saving: ReadonlySignal<Saving>;
  /** Messages that are not on the disk as they are shown. */
  readonly unsaved: ReadonlySignal<ReadonlySet<string>>;
  put(chat: Chat, messages?: readonly Message[]): void;
  remove(chat: Chat, messageIds: readonly string[]): void;
  /** Tries again what could not be written. */
  retry(): void;
  /** Settles when everything is written or has failed. */
  settled(): Promise<void>;
  /** Forgets what waits for one chat: it was deleted. */
  forget(chatId: string): void;
}

interface Waiting {
  readonly chats: Map<string, Chat>;
  readonly messages: Map<string, Message>;
  readonly removed: Set<string>;
}

export function createChatKeeper(library: Pick<ChatLibrary, 'save'>): ChatKeeper {
  const saving = signal<Saving>({ kind: 'saved' });
  const unsaved = signal<ReadonlySet<string>>(new Set());
  const waiting: Waiting = { chats: new Map(), messages: new Map(), removed: new Set() };
  let running: Promise<void> | null = null;

  const mark = () => {
    unsaved.value = new Set(waiting.messages.keys());
  };
  const isEmpty = () => waiting.chats.size + waiting.messages.size + waiting.removed.size === 0;

  const writeOnce = async (): Promise<boolean> => {
    const chats = [...waiting.chats.values()];
    const messages = [...waiting.messages.values()];
    const removedMessages = [...waiting.removed];
    try {
      await library.save({ chats, messages, removedMessages });
    } catch (error) {
      saving.value = { kind: 'unsaved', failure: toFailure(error) };
      return false;
    }
    // Only what was written as it still is: a message that grew meanwhile waits for its next turn.
    for (const chat of chats) if (waiting.chats.get(chat.id) === chat) waiting.chats.delete(chat.id);
    for (const message of messages) {
      if (waiting.messages.get(message.id) === message) waiting.messages.delete(message.id);
    }
    for (const id of removedMessages) waiting.removed.delete(id);
    mark();
    return true;
  };
  const flush = async () => {
    saving.value = { kind: 'saving' };
    while (!isEmpty()) if (!(await writeOnce())) return;
    saving.value = { kind: 'saved' };
  };
  const start = () => {
    mark();
    running ??= flush().finally(() => {
      running = null;
    });
  };

  return {
    saving,
    unsaved,
    put(chat, messages = []) {
      waiting.chats.set(chat.id, chat);
      for (const message of messages) waiting.messages.set(message.id, message);
      start();
    },
    remove(chat, messageIds) {
      waiting.chats.set(chat.id, chat);
      for (const id of messageIds) {
        waiting.messages.delete(id);
        waiting.removed.add(id);
      }
      start();
    },
    retry: start,
    settled: async () => {
      while (running !== null) await running;
    },
    forget(chatId) {
      waiting.chats.delete(chatId);
      for (const [id, message] of waiting.messages) if (message.chatId === chatId) waiting.messages.delete(id);
      mark();
      if (isEmpty()) saving.value = { kind: 'saved' };
    },
  };
}
