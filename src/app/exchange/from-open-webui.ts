import type { SourceChat, SourceMessage } from './archive-builder.ts';
import { asList, asObject, asText, asTime, chatId, type Json } from './source-value.ts';

/** Open WebUI's export: a list of rows with a `chat` that holds a `history` of messages by id. */
export function isOpenWebUi(value: unknown): boolean {
  const row = asObject(asList(value)?.[0]);
  const chat = asObject(row?.['chat']) ?? row;
  return asObject(asObject(chat?.['history'])?.['messages']) !== undefined;
}

export function fromOpenWebUi(value: unknown): readonly (() => SourceChat)[] {
  return (asList(value) ?? []).map((row) => () => readRow(asObject(row) ?? {}));
}

function readRow(row: Json): SourceChat {
  const chat = asObject(row['chat']) ?? row;
  const history = asObject(chat['history']) ?? {};
  const createdAt = asTime(row['created_at'] ?? chat['timestamp'], 0);
  const tags = asList(asObject(row['meta'])?.['tags']) ?? asList(chat['tags']) ?? [];
  const messages = Object.entries(asObject(history['messages']) ?? {}).map(([id, message]) =>
    readMessage(id, asObject(message) ?? {}, createdAt),
  );
  return {
    id: chatId('open-webui', asText(row['id']) ?? asText(chat['id']), row),
    title: asText(row['title']) ?? asText(chat['title']) ?? '',
    createdAt,
    updatedAt: asTime(row['updated_at'], createdAt),
    leaf: asText(history['currentId']) ?? null,
    systemPrompt: asText(asObject(chat['params'])?.['system']) ?? asText(chat['system']),
    tags: tags.flatMap((tag) => asText(tag) ?? asText(asObject(tag)?.['name']) ?? []),
    isPinned: row['pinned'] === true,
    messages,
  };
}

function readMessage(id: string, message: Json, fallbackTime: number): SourceMessage {
  return {
    id,
    parent: asText(message['parentId']) ?? null,
    role: asText(message['role']) ?? 'none',
    text: asText(message['content']) ?? '',
    createdAt: asTime(message['timestamp'], fallbackTime),
    model: asText(message['modelName']) ?? asText(message['model']),
  };
}
