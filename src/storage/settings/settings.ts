import { type ChatParameters, readParameters } from '../chats/index.ts';

/** A way of answering that was given a name. */
export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly systemPrompt: string;
  readonly parameters: ChatParameters;
  /** What was trained for it, kept on this device; null: the model as it is. */
  readonly adapter: PersonaAdapter | null;
}

/** An adapter (LoRA) that was kept: its id among the records, and the name and size of its file. */
export interface PersonaAdapter {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

export interface Settings {
  /** Read before every chat that has no instructions of its own; null: the model's own. */
  readonly systemPrompt: string | null;
  readonly parameters: ChatParameters;
  readonly personas: readonly Persona[];
  /** Who names a new chat: `auto` lets the model do it where it is large enough to be any good at it. */
  readonly naming: 'auto' | 'model' | 'question';
  readonly sendWith: 'enter' | 'control-enter';
  /** A small model proposes how the sentence goes on. */
  readonly completesSentences: boolean;
  readonly hasShortcuts: boolean;
  /** Documents are also searched by meaning. */
  readonly searchesByMeaning: boolean;
  /** What the model has read of a long chat is kept, so that it goes on at once another day. */
  readonly keepsReadings: boolean;
  /** Answers wait while nobody sees the page. */
  readonly pausesHidden: boolean;
  /** Short replies that are offered below an answer; null: those of the page's language; empty: none. */
  readonly quickReplies: readonly string[] | null;
  /** Minutes without a touch after which the vault locks; 0: only by hand. */
  readonly lockAfterMinutes: number;
}

export const DEFAULT_SETTINGS: Settings = {
  systemPrompt: null,
  parameters: {},
  personas: [],
  naming: 'auto',
  sendWith: 'enter',
  completesSentences: false,
  hasShortcuts: true,
  searchesByMeaning: false,
  keepsReadings: false,
  pausesHidden: false,
  quickReplies: null,
  lockAfterMinutes: 15,
};

export const SETTINGS_VERSION = 1;

const MOST_PERSONAS = 200;
const MOST_REPLIES = 12;
const MOST_REPLY_UNITS = 200;
const MOST_MINUTES = 24 * 60;

/** Settings from what the disk or a file gave: whatever makes no sense takes its default, and nothing else is kept. */
export function readSettings(value: unknown): Settings {
  const stored = typeof value === 'object' && value !== null ? (value as Partial<Record<keyof Settings, unknown>>) : {};
  const defaults = DEFAULT_SETTINGS;
  const minutes = stored.lockAfterMinutes;
  return {
    systemPrompt: typeof stored.systemPrompt === 'string' ? stored.systemPrompt : null,
    parameters: parametersOf(stored.parameters),
    personas: Array.isArray(stored.personas) ? stored.personas.slice(0, MOST_PERSONAS).flatMap(readPersona) : [],
    naming: oneOf(stored.naming, ['auto', 'model', 'question'], defaults.naming),
    sendWith: oneOf(stored.sendWith, ['enter', 'control-enter'], defaults.sendWith),
    completesSentences: flag(stored.completesSentences, defaults.completesSentences),
    hasShortcuts: flag(stored.hasShortcuts, defaults.hasShortcuts),
    searchesByMeaning: flag(stored.searchesByMeaning, defaults.searchesByMeaning),
    keepsReadings: flag(stored.keepsReadings, defaults.keepsReadings),
    pausesHidden: flag(stored.pausesHidden, defaults.pausesHidden),
    quickReplies: Array.isArray(stored.quickReplies)
      ? stored.quickReplies.flatMap(readReply).slice(0, MOST_REPLIES)
      : null,
    lockAfterMinutes:
      typeof minutes === 'number' && minutes >= 0 && minutes <= MOST_MINUTES ? minutes : defaults.lockAfterMinutes,
  };
}

function readPersona(value: unknown): Persona[] {
  const { id, name, systemPrompt, parameters, adapter } = (value ?? {}) as Partial<Record<keyof Persona, unknown>>;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof systemPrompt !== 'string') return [];
  return [
    { id, name: name.slice(0, 200), systemPrompt, parameters: parametersOf(parameters), adapter: readAdapter(adapter) },
  ];
}

function readAdapter(value: unknown): PersonaAdapter | null {
  const { id, name, bytes } = (value ?? {}) as Partial<Record<keyof PersonaAdapter, unknown>>;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof bytes !== 'number') return null;
  return { id, name: name.slice(0, 200), bytes };
}

function readReply(value: unknown): string[] {
  return typeof value === 'string' && value.trim() !== '' ? [value.trim().slice(0, MOST_REPLY_UNITS)] : [];
}

function parametersOf(value: unknown): ChatParameters {
  try {
    return readParameters(value ?? {});
  } catch {
    return {};
  }
}

function oneOf<const T extends string>(value: unknown, values: readonly T[], fallback: T): T {
  return values.find((known) => known === value) ?? fallback;
}

function flag(value: unknown, fallback: boolean): boolean {
  return typeof value === 'boolean' ? value : fallback;
}
