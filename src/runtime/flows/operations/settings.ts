import { SottoError } from '../../../shared/index.ts';
import type { WritingOptions } from '../../tasks/generate/index.ts';
import type { Settings } from '../operation.ts';

/** Texts longer than this are refused: a flow reads documents, not libraries. */
const MOST_UNITS = 2_000_000;

export function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new SottoError('task-input', `"${name}" must be a text.`);
  if (value.trim() === '') throw new SottoError('task-input', `"${name}" is empty.`);
  if (value.length > MOST_UNITS)
    throw new SottoError('task-input', `"${name}" is longer than ${MOST_UNITS} characters.`);
  // Control characters and undecodable bytes, of which a text has next to none.
  const beginning = value.slice(0, 10_000);
  const strange = [...beginning].filter((sign) => (sign < ' ' && !/\s/.test(sign)) || sign === '\ufffd').length;
  if (strange > 10 && strange > beginning.length / 50) {
    throw new SottoError('task-input', `"${name}" is no text: it looks like a binary file or the wrong encoding.`);
  }
  return value;
}

export function textsOf(value: unknown, name: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item: unknown, index) => textOf(item, `${name}[${index}]`));
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

export function numberIn(settings: Settings, name: string, otherwise: number): number {
  const value = settings[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** A checker that asks for settings of a kind. */
export function needs(name: string, kind: 'string' | 'array' | 'number' | 'object') {
  return (settings: Settings): string | undefined => {
    const value = settings[name];
    const isRight = kind === 'array' ? Array.isArray(value) : typeof value === kind && value !== null;
    return isRight || (typeof value === 'string' && value.startsWith('$resources.'))
      ? undefined
      : `It needs "${name}" (${kind}).`;
  };
}

/** A checker for a setting that has a few values, or is left out. */
export function oneOf(name: string, allowed: readonly string[]) {
  return (settings: Settings): string | undefined => {
    const value = settings[name];
    return value === undefined || allowed.includes(String(value))
      ? undefined
      : `"${name}" must be ${allowed.join(' or ')}.`;
  };
}

/**
 * Parameters below which a chat model does a job badly: smaller ones leave things out, invent, or do not do what they are told. Where the answer
 * is held against its sources afterwards, a smaller model will do.
 */
export const GOOD_ENOUGH = {
  summarise: 300e6,
  answer: 300e6,
  extract: 300e6,
  rewrite: 900e6,
  translate: 900e6,
  autocomplete: 0,
} as const;

/** Which model writes: one that is named, else one that is large enough. */
export function writingOptions(settings: Settings, seed: number, least: number): WritingOptions {
  const { model } = settings;
  return {
    seed,
    leastParameters: numberIn(settings, 'leastParameters', typeof model === 'string' ? 0 : least),
    ...(typeof model === 'string' ? { modelId: model } : {}),
  };
}
