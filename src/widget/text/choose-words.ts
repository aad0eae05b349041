import { ARABIC } from './arabic.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { JAPANESE } from './japanese.ts';
import { SPANISH } from './spanish.ts';
import type { Words } from './words.ts';

/** Words, and the way they run. */
export interface ChosenWords {
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  readonly words: Words;
}

const LANGUAGES: Readonly<Record<string, Words>> = {
  en: ENGLISH,
  de: GERMAN,
  fr: FRENCH,
  es: SPANISH,
  ar: ARABIC,
  ja: JAPANESE,
};

const RIGHT_TO_LEFT = new Set(['ar']);

/** The first of the wanted languages that there are words for; English where there are none. */
export function chooseWords(wanted: readonly string[]): ChosenWords {
  const language = wanted
    .map((tag) => tag.split('-')[0]?.toLowerCase() ?? '')
    .find((base) => Object.hasOwn(LANGUAGES, base));
  const known = language ?? 'en';
  return {
    language: known,
    direction: RIGHT_TO_LEFT.has(known) ? 'rtl' : 'ltr',
    words: LANGUAGES[known] ?? ENGLISH,
  };
}
