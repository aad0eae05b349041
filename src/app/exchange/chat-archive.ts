import type { Chat, Message } from '../../storage/chats/index.ts';

/** A chat with all its messages, every branch of it. */
export interface ChatArchive {
  readonly chat: Chat;
  readonly messages: readonly Message[];
}

/** What a file held, before anything is kept. */
export interface ImportPlan {
  readonly source: 'sotto' | 'chatgpt' | 'open-webui' | 'librechat';
  readonly archives: readonly ChatArchive[];
  /** Chats that made no sense, by title, with the reason. */
  readonly refused: readonly { readonly title: string; readonly reason: string }[];
}

export const EXPORT_FORMAT = 'sotto-chats';
export const EXPORT_VERSION = 1;
