import { Fields, SottoError } from '../../shared/index.ts';

/** Raised when a shape changes; `readChat` and `readMessage` then bring older ones up. */
export const CHAT_VERSION = 1;
export const MESSAGE_VERSION = 1;

/** What a person set for the answers of one chat; absent: the model's own default. */
export interface ChatParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
}

export interface Chat {
  readonly id: string;
  readonly title: string;
  /** Who found the title: a person's own is never replaced. */
  readonly titledBy: 'person' | 'question' | 'model';
  /** Milliseconds since 1970; shown, never used for order. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts up with every message of any chat: the order of the list, whatever the clock says. */
  readonly activity: number;
  readonly isPinned: boolean;
  /** '' for none. */
  readonly folder: string;
  readonly tags: readonly string[];
  /** The message at the end of the branch that is shown. */
  readonly leaf: string | null;
  /** What the model is told before the conversation; null: the model's own default. */
  readonly systemPrompt: string | null;
  /** Id of the model this chat asked for last. */
  readonly model: string | null;
  readonly parameters: ChatParameters;
  /** Id of the adapter (LoRA) its answers are computed with; null: none. */
  readonly adapter: string | null;
  /** Ids of the document collections its questions are answered from. */
  readonly collections: readonly string[];
}

/** A passage an answer drew on. */
export interface Citation {
  readonly documentId: string;
  readonly documentName: string;
  readonly chunk: number;
  /** 1-based page; null for documents without pages. */
  readonly page: number | null;
  readonly passage: string;
}

export type MessageState =
  | { readonly kind: 'finished' }
  /** Ended at the length limit. */
  | { readonly kind: 'length' }
  /** By the person, or by a page that closed meanwhile. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface Message {
  readonly id: string;
  readonly chatId: string;
  /** The message it follows; null for the first. Messages of one parent are branches. */
  readonly parent: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly createdAt: number;
  /** Counts up within the chat: order of branches. */
  readonly order: number;
  readonly state: MessageState;
  /** Name of the model that wrote it. */
  readonly model: string | null;
  readonly tokens: number | null;
  readonly tokensPerSecond: number | null;
  readonly citations: readonly Citation[];
}

const MOST_TEXT_UNITS = 8 * 2 ** 20;
const MOST_TITLE_UNITS = 500;
const MOST_TAGS = 50;
const MOST_CITATIONS = 64;

function fail(message: string): never {
  throw new SottoError('storage-failed', message);
}

function oneOf<const T extends string>(fields: Fields, name: string, values: readonly T[]): T {
  const value = fields.text(name);
  return values.find((known) => known === value) ?? fail(`The field "${name}" is "${value}".`);
}

function textOrNull(fields: Fields, name: string, limit: number): string | null {
  return fields.raw(name) === null || fields.raw(name) === undefined ? null : fields.text(name, { limit });
}

function numberOrNull(fields: Fields, name: string): number | null {
  return fields.raw(name) === null || fields.raw(name) === undefined ? null : fields.number(name, { least: 0 });
}

function flag(fields: Fields, name: string): boolean {
  const value = fields.raw(name);
  return typeof value === 'boolean' ? value : fail(`${name} is not true or false.`);
}

const PARAMETER_LIMITS = {
  temperature: [0, 2],
  topP: [0, 1],
  topK: [0, 1_000_000],
  minP: [0, 1],
  repetitionPenalty: [0.01, 10],
  maxTokens: [1, 1_000_000],
  seed: [0, 2 ** 32 - 1],
} as const satisfies Record<keyof ChatParameters, readonly [number, number]>;

/** Rebuilds parameters from an untrusted object; what is absent stays absent. */
export function readParameters(value: unknown): ChatParameters {
  const fields = new Fields(value, 'parameters', fail);
  const result: Partial<Record<keyof ChatParameters, number>> = {};
  for (const [name, [least, most]] of Object.entries(PARAMETER_LIMITS)) {
    if (fields.raw(name) !== undefined) result[name as keyof ChatParameters] = fields.number(name, { least, most });
  }
  return result;
}

/** Rebuilds a chat from what the disk or a file gave, field by field. Throws `storage-failed` for one that is malformed. */
export function readChat(value: unknown): Chat {
  const fields = new Fields(value, 'chat', fail);
  return {
    id: fields.text('id', { limit: 100 }),
    title: fields.text('title', { limit: MOST_TITLE_UNITS }),
    titledBy: oneOf(fields, 'titledBy', ['person', 'question', 'model']),
    createdAt: fields.number('createdAt'),
    updatedAt: fields.number('updatedAt'),
    activity: fields.integer('activity'),
    isPinned: flag(fields, 'isPinned'),
    folder: fields.text('folder', { limit: 200 }),
    tags: fields.texts('tags', { limit: MOST_TAGS }),
    leaf: textOrNull(fields, 'leaf', 100),
    systemPrompt: textOrNull(fields, 'systemPrompt', MOST_TEXT_UNITS),
    model: textOrNull(fields, 'model', 500),
    parameters: readParameters(fields.raw('parameters')),
    // Chats of before there were any name none.
    adapter: textOrNull(fields, 'adapter', 100),
    collections: fields.texts('collections', { limit: 1000 }),
  };
}

/** Rebuilds a message from what the disk or a file gave. Throws `storage-failed` for one that is malformed. */
export function readMessage(value: unknown): Message {
  const fields = new Fields(value, 'message', fail);
  const citations = fields.raw('citations');
  if (!Array.isArray(citations) || citations.length > MOST_CITATIONS) return fail('The citations are no list.');
  return {
    id: fields.text('id', { limit: 100 }),
    chatId: fields.text('chatId', { limit: 100 }),
    parent: textOrNull(fields, 'parent', 100),
    role: oneOf(fields, 'role', ['user', 'assistant']),
    text: fields.text('text', { limit: MOST_TEXT_UNITS }),
    createdAt: fields.number('createdAt'),
    order: fields.integer('order'),
    state: readState(fields.object('state')),
    model: textOrNull(fields, 'model', 500),
    tokens: numberOrNull(fields, 'tokens'),
    tokensPerSecond: numberOrNull(fields, 'tokensPerSecond'),
    citations: citations.map(readCitation),
  };
}

function readState(fields: Fields): MessageState {
  const kind = oneOf(fields, 'kind', ['finished', 'length', 'stopped', 'failed']);
  if (kind !== 'failed') return { kind };
  return { kind, code: fields.text('code', { limit: 100 }), message: fields.text('message') };
}

function readCitation(value: unknown): Citation {
  const fields = new Fields(value, 'citation', fail);
  return {
    documentId: fields.text('documentId', { limit: 100 }),
    documentName: fields.text('documentName', { limit: 1000 }),
    chunk: fields.integer('chunk'),
    page: numberOrNull(fields, 'page'),
    passage: fields.text('passage', { limit: 100_000 }),
  };
}
