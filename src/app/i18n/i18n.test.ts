import { afterEach, expect, it, vi } from 'vitest';
import { ERROR_ACTIONS, type SottoErrorCode } from '../../shared/error-codes.ts';
import { AR } from './ar.ts';
import { DE } from './de.ts';
import { EN } from './en.ts';
import { ES } from './es.ts';
import { FAILURES_AR } from './failures/ar.ts';
import { FAILURES_DE } from './failures/de.ts';
import { FAILURES_EN } from './failures/en.ts';
import { FAILURES_ES } from './failures/es.ts';
import { FAILURES_FR } from './failures/fr.ts';
import { FAILURES_JA } from './failures/ja.ts';
import { FR } from './fr.ts';
import { JA } from './ja.ts';
import { pageLanguage, permitLanguages, readDisplayChoice } from './locale.ts';
import { pseudo, pseudoText } from './pseudo.ts';

afterEach(() => vi.unstubAllGlobals());

const stored = (value: string | null) => vi.stubGlobal('localStorage', { getItem: () => value });

it('takes the choice of the person, then the browser’s languages in order, then English', () => {
  vi.stubGlobal('navigator', { languages: ['sw-KE', 'en-GB', 'de'] });
  stored(null);
  expect(pageLanguage()).toBe('en');
  vi.stubGlobal('navigator', { languages: ['ja-JP', 'en'] });
  expect(pageLanguage()).toBe('ja');
  stored('{"language":"pseudo"}');
  expect(pageLanguage()).toBe('pseudo');
});

it('keeps to the languages that the site allows, and says when the page has to be loaded anew', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('navigator', { languages: ['ja', 'fr-CA'] });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  expect(permitLanguages(null)).toBe(false);
  expect(permitLanguages(['de', 'fr'])).toBe(true);
  expect(pageLanguage()).toBe('fr');
  expect(permitLanguages(['de', 'fr'])).toBe(false);
  permitLanguages(['de']);
  expect(pageLanguage()).toBe('de');
  kept.set('sotto-languages', '["xx"]');
  expect(pageLanguage()).toBe('ja');
});

it.each(['{', 'null', '7', '{"language":"xx","theme":"pink"}'])('reads %s as no choice', (value) => {
  stored(value);
  expect(readDisplayChoice()).toEqual({ language: 'auto', theme: 'auto' });
});

it('makes every word long and marked, figures included', () => {
  const marked = pseudo(EN);
  expect(marked.composer.send).toBe(pseudoText('Send'));
  expect(marked.composer.context(1, 4096)).toMatch(/^⟦1 .*4,096.*⟧$/);
  expect(marked.empty.suggestions).toHaveLength(EN.empty.suggestions.length);
});

/** Every text of a catalogue by its path; functions are called with figures and names that can be found again. */
function textsOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [];
  return Object.entries(value as object).flatMap(([name, inner]) => textsOf(inner, `${path}.${name}`));
}

it.each(Object.entries({ DE, ES, FR, AR, JA }))(
  '%s leaves nothing empty and nothing in English',
  (_name, catalogue) => {
    const english = new Map(textsOf(EN));
    // Names of things, and words that both languages share.
    const shared =
      /\.(name|title|open|chats|answer\.code|topK|enter|control-enter|sources|image|pause|parameters|persona|list|auto)$|fields|Chats/i;
    for (const [path, text] of textsOf(catalogue)) {
      expect(text.trim(), path).not.toBe('');
      if (!shared.test(path) && text.length > 12) expect(text, path).not.toBe(english.get(path));
    }
  },
);

it('Arabic and Japanese are written in their own script', () => {
  expect(AR.composer.placeholder).toMatch(/\p{Script=Arabic}/u);
  expect(JA.composer.placeholder).toMatch(/\p{Script=Hiragana}/u);
});

it.each(Object.entries({ FAILURES_AR, FAILURES_DE, FAILURES_EN, FAILURES_ES, FAILURES_FR, FAILURES_JA }))(
  '%s says every failure in plain words, and what to do',
  (name, failures) => {
    for (const code of Object.keys(ERROR_ACTIONS) as SottoErrorCode[]) {
      const [what, advice] = failures[code];
      // Said of the thing that went wrong, before any name of a technique.
      expect(what, code).toMatch(/^[\p{L}¡¿].{3,85}[.。]$/u);
      expect(advice.length, code).toBeGreaterThan(3);
      expect(what, code).not.toMatch(/token|thread|SIMD|worker|トークン|スレッド/i);
      if (name !== 'FAILURES_EN') expect(advice, code).not.toBe(FAILURES_EN[code][1]);
    }
  },
);
