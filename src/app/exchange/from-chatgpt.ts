import type { SourceChat, SourceMessage } from './archive-builder.ts';
import { asList, asObject, asText, asTime, chatId, type Json } from './source-value.ts';

/** ChatGPT's conversations.json: a list of chats, each a `mapping` of nodes with `parent` and a `current_node`. */
export function isChatGpt(value: unknown): boolean {
  return asObject(asObject(asList(value)?.[0])?.['mapping']) !== undefined;
}

export function fromChatGpt(value: unknown): readonly (() => SourceChat)[] {
  return (asList(value) ?? []).map((chat) => () => readChat(asObject(chat) ?? {}));
}

function readChat(chat: Json): SourceChat {
  const mapping = asObject(chat['mapping']) ?? {};
  const createdAt = asTime(chat['create_time'], 0);
  const messages = Object.entries(mapping).map(([id, node]) => readNode(id, asObject(node) ?? {}, createdAt));
  const system = messages.find(({ role, text }) => role === 'system' && text.trim() !== '');
  return {
    id: chatId('chatgpt', asText(chat['conversation_id']) ?? asText(chat['id']), chat),
    title: asText(chat['title']) ?? '',
    createdAt,
    updatedAt: asTime(chat['update_time'], createdAt),
    leaf: asText(chat['current_node']) ?? null,
    systemPrompt: system?.text,
    isPinned: chat['is_starred'] === true,
    messages,
  };
}

function readNode(id: string, node: Json, fallbackTime: number): SourceMessage {
  const message = asObject(node['message']) ?? {};
  const content = asObject(message['content']) ?? {};
  const metadata = asObject(message['metadata']) ?? {};
  // What its tools wrote to each other, and what its page hides, is not part of the conversation.
  const isHidden =
    metadata['is_visually_hidden_from_conversation'] === true || asText(message['recipient'] ?? 'all') !== 'all';
  return {
    id,
    parent: asText(node['parent']) ?? null,
    role: isHidden ? 'hidden' : (asText(asObject(message['author'])?.['role']) ?? 'none'),
    text: textOf(content),
    createdAt: asTime(message['create_time'], fallbackTime),
    model: asText(metadata['model_slug']),
  };
}

function textOf(content: Json): string {
  const parts = asList(content['parts']);
  if (parts !== undefined) {
    return parts
      .map((part) => asText(part) ?? asText(asObject(part)?.['text']) ?? '')
      .filter(Boolean)
      .join('\n\n');
  }
  const text = asText(content['text']) ?? '';
  return content['content_type'] === 'code' && text !== '' ? `\`\`\`\n${text}\n\`\`\`` : text;
}
