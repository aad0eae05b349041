import { type Chat, type Message, readChat, readMessage } from '../../storage/chats/index.ts';
import { emptyChat, newMessage } from '../state/index.ts';
import type { ChatArchive } from './chat-archive.ts';

/** A message as other programs keep it, before it is ours. */
export interface SourceMessage {
  readonly id: string;
  readonly parent: string | null;
  /** Anything but `user` and `assistant` is passed over; what follows it follows what it followed. */
  readonly role: string;
  readonly text: string;
  readonly createdAt: number;
  readonly model?: string | undefined;
}

export interface SourceChat {
  /** Stable for one chat of one source, so that a second import finds it again. */
  readonly id: string;
  readonly title: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly leaf: string | null;
  readonly systemPrompt?: string | undefined;
  readonly tags?: readonly string[];
  readonly isPinned?: boolean;
  readonly messages: readonly SourceMessage[];
}

const MOST_TITLE = 200;

/** A foreign chat in our shape, validated. Throws where it has no message or contradicts itself. */
export function buildArchive(source: SourceChat): ChatArchive {
  const chatId = source.id;
  const byId = new Map(source.messages.map((message) => [message.id, message]));
  const isKept = ({ role, text }: SourceMessage) => (role === 'user' || role === 'assistant') && text.trim() !== '';
  /** The nearest message above that is kept. */
  const keptAbove = (id: string | null): string | null => {
    const seen = new Set<string>();
    for (let next = id; next !== null && !seen.has(next); ) {
      seen.add(next);
      const message = byId.get(next);
      if (message === undefined) return null;
      if (isKept(message)) return next;
      next = message.parent;
    }
    return null;
  };
  const ordered = inOrder(source.messages).filter(isKept);
  if (ordered.length === 0) throw new Error('It holds no message.');
  const messages = ordered.map(
    (message, index): Message =>
      readMessage({
        ...newMessage(chatId, {
          parent: scoped(chatId, keptAbove(message.parent)),
          role: message.role as Message['role'],
          text: message.text,
          order: index + 1,
        }),
        id: scoped(chatId, message.id),
        createdAt: message.createdAt,
        model: message.model ?? null,
      }),
  );
  const chat: Chat = {
    ...emptyChat(source.createdAt),
    id: chatId,
    title: source.title.trim().slice(0, MOST_TITLE),
    titledBy: 'person',
    updatedAt: source.updatedAt,
    leaf: scoped(chatId, keptAbove(source.leaf)) ?? messages.at(-1)?.id ?? null,
    systemPrompt: source.systemPrompt?.trim() ? source.systemPrompt : null,
    tags: (source.tags ?? []).slice(0, 20).map((tag) => tag.slice(0, 100)),
    isPinned: source.isPinned ?? false,
  };
  return { chat: readChat(chat), messages };
}

/** Ids of other programs are unique within their chat at best; ours are unique in the database. */
function scoped<T extends string | null>(chatId: string, id: T): T {
  return (id === null ? null : `${chatId}/${id}`.slice(-100)) as T;
}

/** Parents before their children; children in the order of the file. A circle is left out. */
function inOrder(messages: readonly SourceMessage[]): readonly SourceMessage[] {
  const ids = new Set(messages.map(({ id }) => id));
  const children = new Map<string | null, SourceMessage[]>();
  for (const message of messages) {
    const parent = message.parent !== null && ids.has(message.parent) ? message.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), message]);
  }
  const result: SourceMessage[] = [];
  const queue = [...(children.get(null) ?? [])];
  for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
    result.push(message);
    queue.push(...(children.get(message.id) ?? []));
  }
  return result;
}
