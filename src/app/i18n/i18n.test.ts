import { afterEach, expect, it, vi } from 'vitest';
import { EN } from './en.ts';
import { pageLanguage, readDisplayChoice } from './locale.ts';
import { pseudo, pseudoText } from './pseudo.ts';

afterEach(() => vi.unstubAllGlobals());

const stored = (value: string | null) => vi.stubGlobal('localStorage', { getItem: () => value });

it('takes the choice of the person, then the browser’s languages in order, then English', () => {
  vi.stubGlobal('navigator', { languages: ['sw-KE', 'en-GB'] });
  stored(null);
  expect(pageLanguage()).toBe('en');
  stored('{"language":"pseudo"}');
  expect(pageLanguage()).toBe('pseudo');
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
