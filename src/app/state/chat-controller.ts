import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Chat, Message } from '../../storage/chats/index.ts';
import { type AnswerWriterOptions, createAnswerWriter } from './answer-writer.ts';
import { type ChatKeeper, createChatKeeper } from './chat-keeper.ts';
import { type ChatLibrary, newMessage } from './chat-library.ts';
import { titleFromQuestion } from './chat-title.ts';
import { nextOrder, shownMessages, siblingsOf } from './chat-tree.ts';
import { toFailure } from './failure.ts';
import {
  type ChatEvent,
  type ChatOutline,
  newChat,
  type OpenChat,
  outlineOf,
  reduceChat,
  shownBranch,
} from './open-chat.ts';

export interface ChatControllerOptions extends AnswerWriterOptions {
  readonly library: ChatLibrary;
}

export interface ChatController {
  readonly open: ReadonlySignal<OpenChat>;
  /** The open chat without its words: other than `open` it stays the same while an answer grows, whatever shows it rests. */
  readonly outline: ReadonlySignal<ChatOutline>;
  readonly branch: ReadonlySignal<readonly Message[]>;
  readonly isAnswering: ReadonlySignal<boolean>;
  readonly keeper: ChatKeeper;
  /** Tokens a second of the last finished answer of the model that runs, or null. */
  readonly rate: ReadonlySignal<number | null>;
  /** Id of the answer that was made last in this page, or null. */
  readonly lastAnswered: ReadonlySignal<string | null>;
  /**
   * Asks, once the open chat is read; resolves when the answer has ended. `false`: nothing was taken, and the words are still the
   * caller's to keep.
   */
  ask(question: string): Promise<boolean>;
  /** Another answer to the same question, beside the one that is there; in its place where that one failed. */
  retry(answerId?: string): Promise<void>;
  /** Asks an edited question beside the old one. Of an answer: keeps the person's words in a branch of its own. */
  edit(messageId: string, text: string): Promise<void>;
  /** Goes on with an answer that was cut short. */
  goOn(): Promise<void>;
  stop(): void;
  /** Ends an answer where it stands; resolves when all of it is kept, and the page can be left. */
  leave(): Promise<void>;
  startNew(options?: { readonly isTemporary?: boolean }): void;
  /** Resolves when its messages are there, or `problem` says why not. */
  openChat(chatId: string): Promise<void>;
  /** Tries once more to read messages that could not be read. */
  readAgain(): Promise<void>;
  /** Shows the next or the previous branch at a message. */
  selectBranch(messageId: string, step: 1 | -1): void;
  /** Shows the branch a message is on. */
  showMessage(messageId: string): void;
  removeMessage(messageId: string): void;
  change(
    change: Partial<
      Pick<
        Chat,
        | 'title'
        | 'systemPrompt'
        | 'parameters'
        | 'adapter'
        | 'collections'
        | 'model'
        | 'titledBy'
        | 'folder'
        | 'tags'
        | 'isPinned'
      >
    >,
  ): void;
  /** Another model has read nothing yet. */
  resetContext(): void;
  /** Whatever is loaded next has its own speed. */
  forgetRate(): void;
}

export function createChatController(options: ChatControllerOptions): ChatController {
  const { library, model } = options;
  const open = signal<OpenChat>(newChat(false));
  const keeper = createChatKeeper(library);
  /** The reading that was begun last: what an earlier one brings is older, and is left. */
  let opening: Promise<void> | null = null;

  const dispatch = (event: ChatEvent) => {
    open.value = reduceChat(open.value, event);
  };
  const isKept = () => !open.value.isTemporary && open.value.chat.activity > 0;
  const keep = (ids: readonly string[] = []) => {
    if (!isKept()) return;
    const { chat, messages } = open.value;
    keeper.put(
      chat,
      ids.flatMap((id) => messages.get(id) ?? []),
    );
  };
  const touch = () => {
    dispatch({ type: 'chat-change', change: { activity: library.nextActivity(), updatedAt: Date.now() } });
  };
  const { rate, lastAnswered, answer, stop, abandon, forgetRate } = createAnswerWriter(options, {
    open,
    dispatch,
    keep,
    touch,
  });

  /** A title that is being made gives way to the person. */
  const canBegin = () => {
    if (open.value.writing !== null || !open.value.isLoaded || model() === null) return false;
    stop();
    return true;
  };

  const askAfter = async (parent: string | null, text: string) => {
    const { chat, messages } = open.value;
    if (chat.title === '') {
      dispatch({ type: 'chat-change', change: { title: titleFromQuestion(text), titledBy: 'question' } });
    }
    touch();
    const order = nextOrder(messages);
    const question = newMessage(chat.id, { parent, role: 'user', text, order });
    dispatch({ type: 'message-put', message: question });
    keep([question.id]);
    await answer(newMessage(chat.id, { parent: question.id, role: 'assistant', text: '', order: order + 1 }));
  };

  /** Reads the messages of the open chat. A chat that cannot be read says so, and nothing of it is touched. */
  const readMessages = (): Promise<void> => {
    const { id } = open.value.chat;
    const isWanted = () => opening === reading && open.value.chat.id === id;
    const read = async () => {
      try {
        await keeper.settled();
        const { messages, unreadable } = await library.read(id);
        if (isWanted()) dispatch({ type: 'messages-merge', messages, unreadable });
      } catch (error) {
        if (isWanted()) dispatch({ type: 'messages-failed', failure: toFailure(error) });
      }
    };
    const reading = read();
    opening = reading;
    return reading;
  };

  library.onRemoteChange((chatIds) => {
    const { chat, writing, isTemporary } = open.value;
    if (isTemporary || chat.activity === 0 || (chatIds !== null && !chatIds.has(chat.id))) return;
    if (storedOf(chat.id) !== undefined) void refresh(chat.id);
    else if (writing === null) dispatch({ type: 'chat-new', isTemporary: false });
  });
  const storedOf = (chatId: string) => library.chats.value.find(({ id }) => id === chatId);
  const refresh = async (chatId: string): Promise<void> => {
    await opening;
    await keeper.settled();
    const before = open.value;
    const read = await library.read(chatId).catch(() => null);
    const stored = storedOf(chatId);
    if (read === null || stored === undefined || open.value.chat.id !== chatId || open.value.writing !== null) return;
    if (keeper.unsaved.value.size > 0) return;
    // What was done here meanwhile is newer than what was read.
    if (open.value !== before) return refresh(chatId);
    // Another tab that went on with the branch shown here takes this one along; one on another branch does not.
    const { leaf } = open.value.chat;
    const theirs = shownMessages(read.messages, stored.leaf);
    const follows = leaf === null || theirs.some(({ id }) => id === leaf);
    dispatch({ type: 'chat-change', change: { ...stored, leaf: follows ? stored.leaf : leaf } });
    dispatch({ type: 'messages-merge', ...read });
  };

  let lastOutline: ChatOutline | undefined;
  return {
    open,
    outline: computed(() => {
      lastOutline = outlineOf(open.value, lastOutline);
      return lastOutline;
    }),
    branch: computed(() => shownBranch(open.value)),
    isAnswering: computed(() => open.value.writing !== null),
    keeper,
    rate,
    lastAnswered,
    async ask(question) {
      const { id } = open.value.chat;
      // Words that were typed into a chat that is still being read belong to it.
      if (!open.value.isLoaded) await opening;
      if (question.trim() === '' || open.value.chat.id !== id || !canBegin()) return false;
      await askAfter(shownBranch(open.value).at(-1)?.id ?? null, question);
      return true;
    },
    async retry(answerId) {
      const branch = shownBranch(open.value);
      const old = answerId === undefined ? branch.at(-1) : open.value.messages.get(answerId);
      if (old === undefined || !canBegin()) return;
      const order = nextOrder(open.value.messages);
      const { id: chatId } = open.value.chat;
      // A question alone (its answer was deleted, or never began) is simply answered.
      if (old.role === 'user') {
        await answer(newMessage(chatId, { parent: old.id, role: 'assistant', text: '', order }));
        return;
      }
      const isReplaced = old.state.kind === 'failed' && old.text === '';
      const fresh = newMessage(chatId, { parent: old.parent, role: 'assistant', text: '', order });
      if (isReplaced) await answer({ ...fresh, id: old.id, order: old.order });
      else await answer(fresh, { isAnother: true });
    },
    async edit(messageId, text) {
      const old = open.value.messages.get(messageId);
      if (old === undefined || text.trim() === '' || open.value.writing !== null) return;
      if (old.role === 'user') {
        if (canBegin()) await askAfter(old.parent, text);
        return;
      }
      const order = nextOrder(open.value.messages);
      const edited = { ...old, id: crypto.randomUUID(), text, order, tokens: null, tokensPerSecond: null };
      touch();
      dispatch({ type: 'message-put', message: edited });
      keep([edited.id]);
    },
    async goOn() {
      const last = shownBranch(open.value).at(-1);
      if (last?.role === 'assistant' && last.text !== '' && canBegin()) await answer(last);
    },
    stop,
    async leave() {
      abandon();
      await Promise.all([keeper.settled(), library.writeDrafts()]);
    },
    startNew({ isTemporary = false } = {}) {
      abandon();
      dispatch({ type: 'chat-new', isTemporary });
    },
    async openChat(chatId) {
      if (chatId === open.value.chat.id) {
        if (!open.value.isLoaded) await opening;
        return;
      }
      const chat = storedOf(chatId);
      if (chat === undefined) return;
      abandon();
      dispatch({ type: 'chat-open', chat, messages: null });
      await readMessages();
    },
    readAgain: readMessages,
    selectBranch(messageId, step) {
      const message = open.value.messages.get(messageId);
      if (message === undefined) return;
      const siblings = siblingsOf(open.value.messages, message);
      const next = siblings[siblings.findIndex(({ id }) => id === messageId) + step];
      if (next === undefined) return;
      dispatch({ type: 'branch-select', id: next.id });
      keep();
    },
    showMessage: (messageId) => dispatch({ type: 'branch-select', id: messageId }),
    removeMessage(messageId) {
      const before = open.value.messages;
      dispatch({ type: 'message-remove', id: messageId });
      const gone = [...before.keys()].filter((id) => !open.value.messages.has(id));
      if (isKept() && gone.length > 0) keeper.remove(open.value.chat, gone);
    },
    change(change) {
      dispatch({ type: 'chat-change', change });
      keep();
    },
    resetContext: () => dispatch({ type: 'context-reset' }),
    forgetRate,
  };
}
