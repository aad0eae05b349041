import { SottoError } from '../../shared/index.ts';
import { readChat, readMessage } from '../../storage/chats/index.ts';
import { buildArchive } from './archive-builder.ts';
import { type ChatArchive, EXPORT_FORMAT, EXPORT_VERSION, type ImportPlan } from './chat-archive.ts';
import { fromChatGpt, isChatGpt } from './from-chatgpt.ts';
import { fromLibreChat, isLibreChat } from './from-librechat.ts';
import { fromOpenWebUi, isOpenWebUi } from './from-open-webui.ts';
import { asList, asObject, asText } from './source-value.ts';

/** A text of half a gigabyte is the most an engine holds in one piece. */
const MOST_BYTES = 256 * 2 ** 20;

const SOURCES = [
  { source: 'chatgpt', is: isChatGpt, read: fromChatGpt },
  { source: 'open-webui', is: isOpenWebUi, read: fromOpenWebUi },
  { source: 'librechat', is: isLibreChat, read: fromLibreChat },
] as const;

/**
 * Reads a whole file (JSON, or the ZIP that ChatGPT sends) and says what would come in; nothing is kept here.
 * Rejects with `import-invalid` where the file is none of those it knows.
 */
export async function readImport(file: Blob): Promise<ImportPlan> {
  if (file.size > MOST_BYTES) throw invalid(`The file has ${file.size} bytes; ${MOST_BYTES} are the most.`);
  const value = parse(await jsonOf(file));
  const own = asObject(value);
  if (own?.['format'] === EXPORT_FORMAT) return readOwn(own);
  const known = SOURCES.find(({ is }) => is(value));
  if (known === undefined) throw invalid('It is none of the exports this app knows.');
  return collect(
    known.source,
    known.read(value).map((chat) => () => {
      const source = chat();
      return { title: source.title, build: () => buildArchive(source) };
    }),
  );
}

async function jsonOf(file: Blob): Promise<string> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (start[0] !== 0x50 || start[1] !== 0x4b) return file.text();
  const { unzipSync } = await import('fflate');
  let tooLarge = false;
  const found = unzipSync(new Uint8Array(await file.arrayBuffer()), {
    filter: ({ name, originalSize }) => {
      const isWanted = /(^|\/)conversations\.json$/.test(name);
      if (isWanted && originalSize > MOST_BYTES) tooLarge = true;
      return isWanted && !tooLarge;
    },
  });
  const [bytes] = Object.values(found);
  if (bytes === undefined) {
    throw invalid(
      tooLarge ? 'The archive unpacks to more than can be read.' : 'The archive holds no conversations.json.',
    );
  }
  return new TextDecoder().decode(bytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('It is not JSON.', error);
  }
}

function readOwn(value: { readonly [name: string]: unknown }): ImportPlan {
  const { version } = value;
  if (typeof version !== 'number' || version > EXPORT_VERSION) {
    throw new SottoError('record-newer', `The file was written by a newer version (format ${String(version)}).`);
  }
  const chats = asList(value['chats']);
  if (chats === undefined) throw invalid('It has no list of chats.');
  return collect(
    'sotto',
    chats.map((chat) => () => ({
      title: asText(asObject(chat)?.['title']) ?? '',
      build: () => readOwnChat(chat),
    })),
  );
}

function readOwnChat(value: unknown): ChatArchive {
  const chat = readChat(value);
  const messages = (asList(asObject(value)?.['messages']) ?? []).map(readMessage);
  const ids = new Set(messages.map(({ id }) => id));
  if (ids.size !== messages.length) throw new Error('Two messages have one id.');
  for (const { chatId, parent } of messages) {
    if (chatId !== chat.id) throw new Error('A message belongs to another chat.');
    if (parent !== null && !ids.has(parent)) throw new Error('A message follows one that is missing.');
  }
  // What another browser keeps beside its chats is not in the file.
  return { chat: { ...chat, adapter: null }, messages };
}

function collect(
  source: ImportPlan['source'],
  readers: readonly (() => { readonly title: string; readonly build: () => ChatArchive })[],
): ImportPlan {
  const archives: ChatArchive[] = [];
  const refused: { title: string; reason: string }[] = [];
  for (const reader of readers) {
    let title = '';
    try {
      const read = reader();
      title = read.title;
      archives.push(read.build());
    } catch (error) {
      refused.push({ title, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { source, archives, refused };
}

function invalid(reason: string, cause?: unknown): SottoError {
  return new SottoError('import-invalid', `This file cannot be imported. ${reason}`, { cause });
}
