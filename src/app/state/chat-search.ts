import type { Chat, Message } from '../../storage/chats/index.ts';

export interface SearchHit {
  readonly chatId: string;
  /** The message that matched; null: the title or a tag did. */
  readonly messageId: string | null;
  /** Words around the first match, or ''. */
  readonly excerpt: string;
}

interface Entry {
  readonly message: Message;
  readonly folded: string;
}

const EXCERPT_BEFORE = 30;
const EXCERPT_AFTER = 90;
const MOST_HITS = 100;

/** Text as it is compared: without case, accents and the difference between wide and narrow letters. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
}

/**
 * Search over every message of every chat, in memory: all words must occur, in any order, anywhere. No index of words, so it
 * finds parts of words and languages without spaces alike; ten thousand messages are some five megabytes to look through.
 */
export function createChatSearch() {
  const entries = new Map<string, Entry>();
  const put = (message: Message) => {
    if (entries.get(message.id)?.message === message) return;
    entries.set(message.id, { message, folded: fold(message.text) });
  };
  return {
    put,
    remove: (ids: Iterable<string>) => {
      for (const id of ids) entries.delete(id);
    },
    removeChat(chatId: string) {
      for (const [id, { message }] of entries) if (message.chatId === chatId) entries.delete(id);
    },
    clear: () => entries.clear(),
    /** Chats in the order given: one hit a chat, its title before its messages, the newest message first. */
    find(query: string, chats: readonly Chat[]): readonly SearchHit[] {
      const words = fold(query).split(/\s+/).filter(Boolean);
      if (words.length === 0) return [];
      const matches = (text: string) => words.every((word) => text.includes(word));
      const best = new Map<string, Entry>();
      for (const entry of entries.values()) {
        const { chatId, order } = entry.message;
        if (!matches(entry.folded)) continue;
        const known = best.get(chatId);
        if (known === undefined || known.message.order < order) best.set(chatId, entry);
      }
      const hits: SearchHit[] = [];
      for (const chat of chats) {
        const entry = best.get(chat.id);
        const isNamed = matches(fold([chat.title, chat.folder, ...chat.tags].join(' ')));
        if (entry === undefined && !isNamed) continue;
        hits.push({
          chatId: chat.id,
          messageId: entry?.message.id ?? null,
          excerpt: entry === undefined ? '' : excerptOf(entry.message.text, words[0] ?? ''),
        });
        if (hits.length === MOST_HITS) break;
      }
      return hits;
    },
  };
}

export type ChatSearch = ReturnType<typeof createChatSearch>;

function excerptOf(text: string, word: string): string {
  const line = text.replace(/\s+/g, ' ');
  // Folding may change lengths; where it does, the match is looked for as it was typed, else the start is shown.
  const at = Math.max(0, line.toLowerCase().indexOf(word));
  const start = Math.max(0, at - EXCERPT_BEFORE);
  const end = Math.min(line.length, at + EXCERPT_AFTER);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}
