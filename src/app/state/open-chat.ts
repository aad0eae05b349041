import type { Chat, Message, MessageState } from '../../storage/chats/index.ts';
import { emptyChat } from './chat-library.ts';
import { branchOf, deepestOf, joined, type Messages, subtreeOf } from './chat-tree.ts';
import type { Failure } from './failure.ts';

/** The answer that is being made. */
export interface Writing {
  readonly id: string;
  /** `reading`: the prompt; no word of the answer has come yet. */
  readonly phase: 'reading' | 'writing';
}

/** The chat on the screen. */
export interface OpenChat {
  readonly chat: Chat;
  readonly messages: Messages;
  /** False while its messages are read from storage. */
  readonly isLoaded: boolean;
  /** Never written anywhere. */
  readonly isTemporary: boolean;
  readonly writing: Writing | null;
  /** Tokens of the context in use after the last answer that said so. */
  readonly contextTokens: number;
  /** Messages of the branch that no longer fit the context and were left out of the last prompt. */
  readonly droppedMessages: number;
  /** The first message that the model still read, where older ones did not fit; else null. */
  readonly readFrom: string | null;
  /** Why its messages could not be read, all of them or some; null while all is well. */
  readonly problem: ReadingProblem | null;
}

export type ReadingProblem =
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** So many messages are on the disk and make no sense; the others are shown. */
  | { readonly kind: 'partly'; readonly unreadable: number };

export type ChatEvent =
  | { readonly type: 'chat-open'; readonly chat: Chat; readonly messages: readonly Message[] | null }
  | { readonly type: 'chat-new'; readonly isTemporary: boolean }
  | { readonly type: 'chat-change'; readonly change: Partial<Omit<Chat, 'id'>> }
  | { readonly type: 'messages-merge'; readonly messages: readonly Message[]; readonly unreadable?: number }
  | { readonly type: 'messages-failed'; readonly failure: Failure }
  | { readonly type: 'message-put'; readonly message: Message; readonly writing?: Writing }
  | { readonly type: 'message-remove'; readonly id: string }
  | { readonly type: 'branch-select'; readonly id: string }
  | { readonly type: 'answer-delta'; readonly text: string }
  | {
      readonly type: 'answer-end';
      readonly state: MessageState;
      readonly tokens: number | null;
      readonly tokensPerSecond: number | null;
      readonly contextTokens: number | null;
      readonly droppedMessages?: number;
      readonly readFrom?: string | null;
    }
  | { readonly type: 'context-reset' };

/** The open chat without its words. */
export interface ChatOutline
  extends Pick<
    OpenChat,
    'chat' | 'isLoaded' | 'isTemporary' | 'contextTokens' | 'droppedMessages' | 'readFrom' | 'problem'
  > {
  readonly messageCount: number;
}

/** The outline of a chat: the same object as before where nothing of it changed, so that what shows it is not drawn again. */
export function outlineOf(open: OpenChat, before: ChatOutline | undefined): ChatOutline {
  const { messages, writing: _writing, ...rest } = open;
  const outline: ChatOutline = { ...rest, messageCount: messages.size };
  const names = Object.keys(outline) as (keyof ChatOutline)[];
  return before !== undefined && names.every((name) => outline[name] === before[name]) ? before : outline;
}

/** A chat that has not begun. */
export function newChat(isTemporary: boolean, now = Date.now()): OpenChat {
  return {
    chat: emptyChat(now),
    messages: new Map(),
    isLoaded: true,
    isTemporary,
    writing: null,
    contextTokens: 0,
    droppedMessages: 0,
    readFrom: null,
    problem: null,
  };
}

/** The branch on the screen, first message first. */
export function shownBranch({ messages, chat }: OpenChat): readonly Message[] {
  return branchOf(messages, chat.leaf);
}

/** The next state. Events that do not fit the present one change nothing: a late delta must not revive a stopped answer. */
export function reduceChat(state: OpenChat, event: ChatEvent): OpenChat {
  switch (event.type) {
    case 'chat-new':
      return newChat(event.isTemporary);
    case 'chat-open': {
      const messages = new Map((event.messages ?? []).map((message) => [message.id, message]));
      const open = { ...newChat(false), chat: event.chat, messages, isLoaded: event.messages !== null };
      return { ...open, chat: { ...event.chat, leaf: validLeaf(open) } };
    }
    case 'chat-change':
      return { ...state, chat: { ...state.chat, ...event.change } };
    case 'messages-merge': {
      const messages = joined(event.messages);
      const { unreadable = 0 } = event;
      const problem = unreadable === 0 ? null : ({ kind: 'partly', unreadable } as const);
      const merged = { ...state, messages, isLoaded: true, problem };
      return { ...merged, chat: { ...state.chat, leaf: validLeaf(merged) } };
    }
    case 'messages-failed':
      return { ...state, isLoaded: false, problem: { kind: 'failed', failure: event.failure } };
    case 'message-put': {
      const { message, writing = null } = event;
      const messages = new Map(state.messages).set(message.id, message);
      return { ...state, messages, writing, chat: { ...state.chat, leaf: deepestOf(messages, message.id) } };
    }
    case 'message-remove': {
      const removed = state.messages.get(event.id);
      if (removed === undefined || state.writing !== null) return state;
      const gone = subtreeOf(state.messages, event.id);
      const messages = new Map([...state.messages].filter(([id]) => !gone.has(id)));
      const { leaf } = state.chat;
      const next = leaf !== null && !gone.has(leaf) ? leaf : besideOrAbove(messages, removed);
      return { ...state, messages, chat: { ...state.chat, leaf: next } };
    }
    case 'branch-select': {
      if (!state.messages.has(event.id) || state.writing !== null) return state;
      return { ...state, chat: { ...state.chat, leaf: deepestOf(state.messages, event.id) } };
    }
    case 'answer-delta': {
      const { writing } = state;
      const message = writing === null ? undefined : state.messages.get(writing.id);
      if (writing === null || message === undefined) return state;
      const messages = new Map(state.messages).set(message.id, { ...message, text: message.text + event.text });
      return { ...state, messages, writing: { ...writing, phase: 'writing' } };
    }
    case 'answer-end': {
      const message = state.writing === null ? undefined : state.messages.get(state.writing.id);
      if (message === undefined) return state;
      const { state: end, tokens, tokensPerSecond } = event;
      return {
        ...state,
        messages: new Map(state.messages).set(message.id, { ...message, state: end, tokens, tokensPerSecond }),
        writing: null,
        contextTokens: event.contextTokens ?? state.contextTokens,
        droppedMessages: event.droppedMessages ?? 0,
        readFrom: event.readFrom ?? null,
      };
    }
    case 'context-reset':
      return { ...state, contextTokens: 0, droppedMessages: 0, readFrom: null };
  }
}

/** The chat's own leaf where it leads to the start; else the end of the newest branch that does. */
function validLeaf({ chat, messages }: OpenChat): string | null {
  const { leaf } = chat;
  if (leaf !== null && messages.has(leaf)) return leaf;
  const roots = [...messages.values()].filter(({ parent }) => parent === null || !messages.has(parent));
  const newest = roots.sort((a, b) => a.order - b.order).at(-1);
  return newest === undefined ? leafWhileLoading(chat, messages) : deepestOf(messages, newest.id);
}

/** Before the messages are there the leaf is kept as it was stored. */
function leafWhileLoading({ leaf }: Chat, messages: Messages): string | null {
  return messages.size === 0 ? leaf : null;
}

/** What is shown after a branch was deleted: the newest one beside it, else what it followed. */
function besideOrAbove(messages: Messages, { parent }: Message): string | null {
  const beside = [...messages.values()].filter((other) => other.parent === parent).sort((a, b) => a.order - b.order);
  const newest = beside.at(-1);
  if (newest !== undefined) return deepestOf(messages, newest.id);
  return parent;
}
