import type { ChatCompletions } from '../chat-completions.ts';
import { type Lazy, lazily, once } from '../lazily.ts';
import type { Models } from '../models.ts';
import type { Workers } from '../workers.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import type { SavedSessions } from './saved-sessions.ts';

/** `sotto.sessions`: conversations, and what was read for them, kept across reloads. */
export interface Sessions extends Lazy<SavedSessions> {
  /** Begins a conversation, or goes on with one. */
  create(options: ConversationOptions): Conversation;
}

/** Conversations begin at once; the code that saves comes when something is saved. */
export function sessionsOf(workers: Workers, models: Models, completions: ChatCompletions): Sessions {
  const saved = once(async () => new (await import('../parts.ts')).SavedSessions(workers, models));
  return {
    ...lazily<SavedSessions>(saved, { save: 1, list: 1, delete: 1, clear: 1 }),
    create: (options) => new Conversation(completions, options),
  };
}
