import type { SourceChat, SourceMessage } from './archive-builder.ts';
import { asList, asObject, asText, asTime, chatId, type Json } from './source-value.ts';

/** The parent of a first message in LibreChat. */
const NO_PARENT = '00000000-0000-0000-0000-000000000000';

/** LibreChat's export of one conversation: `messages`, flat or (recursive) with `children`. */
export function isLibreChat(value: unknown): boolean {
  const [first] = listOf(value);
  return first?.['conversationId'] !== undefined && asList(first['messages'] ?? first['messagesTree']) !== undefined;
}

export function fromLibreChat(value: unknown): readonly (() => SourceChat)[] {
  return listOf(value).map((chat) => () => readChat(chat));
}

function listOf(value: unknown): readonly Json[] {
  return (asList(value) ?? [value]).map(asObject).filter((item) => item !== undefined);
}

function readChat(chat: Json): SourceChat {
  const exportedAt = asTime(chat['exportAt'], 0);
  const messages: SourceMessage[] = [];
  const queue = (asList(chat['messages'] ?? chat['messagesTree']) ?? []).map((message) => ({ message, parent: '' }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const message = asObject(next.message) ?? {};
    const read = readMessage(message, next.parent, exportedAt);
    messages.push(read);
    queue.push(...(asList(message['children']) ?? []).map((child) => ({ message: child, parent: read.id })));
  }
  const times = messages.map(({ createdAt }) => createdAt).filter((time) => time > 0);
  const createdAt = times.length === 0 ? exportedAt : Math.min(...times);
  return {
    id: chatId('librechat', asText(chat['conversationId']), chat),
    title: asText(chat['title']) ?? '',
    createdAt,
    updatedAt: times.reduce((latest, time) => Math.max(latest, time), createdAt),
    leaf: messages.at(-1)?.id ?? null,
    systemPrompt: asText(asObject(chat['options'])?.['promptPrefix']),
    tags: (asList(chat['tags']) ?? []).flatMap((tag) => asText(tag) ?? []),
    messages,
  };
}

function readMessage(message: Json, parent: string, fallbackTime: number): SourceMessage {
  const named = asText(message['parentMessageId']);
  const isMine = message['isCreatedByUser'] === true || asText(message['sender'])?.toLowerCase() === 'user';
  return {
    id: asText(message['messageId']) ?? crypto.randomUUID(),
    parent: named === NO_PARENT ? null : (named ?? (parent === '' ? null : parent)),
    role: isMine ? 'user' : 'assistant',
    text: textOf(message),
    createdAt: asTime(message['createdAt'], fallbackTime),
    model: asText(message['model']),
  };
}

/** Older exports have `text`; newer ones parts of `content`, of which what was thought or called is not the answer. */
function textOf(message: Json): string {
  const text = asText(message['text']) ?? '';
  if (text !== '') return text;
  const parts = asList(message['content']) ?? [];
  return parts
    .map((part) => {
      const { type, text: inner } = asObject(part) ?? {};
      if (type !== 'text') return '';
      return asText(inner) ?? asText(asObject(inner)?.['value']) ?? '';
    })
    .filter(Boolean)
    .join('\n\n');
}
