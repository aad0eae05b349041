import { expect, it } from 'vitest';
import { AR } from './ar.ts';
import { DE } from './de.ts';
import { EN } from './en.ts';
import { ES } from './es.ts';
import { FR } from './fr.ts';
import { JA } from './ja.ts';

/** Every text by its path; what takes figures is called with some. */
function textsOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value(1, 2, 3, 4))]];
  return Object.entries(value as object).flatMap(([name, inner]) => textsOf(inner, `${path}.${name}`));
}

it.each(Object.entries({ DE, ES, FR, AR, JA }))('%s leaves nothing empty and nothing in English', (_, words) => {
  const english = new Map(textsOf(EN));
  for (const [path, text] of textsOf(words)) {
    expect(text.trim(), path).not.toBe('');
    expect(text, path).not.toContain('undefined');
    if (text.length > 14) expect(text, path).not.toBe(english.get(path));
  }
});

it.each([
  ['EN', EN, /\b1 (rows|lines|texts|labels)\b/],
  ['DE', DE, /\b1 (Zeilen|Texte|Beschriftungen)\b/],
  ['ES', ES, /\b1 (filas|líneas|textos|etiquetas)\b/],
  ['FR', FR, /\b1 (lignes|textes|étiquettes)\b/],
] as const)('%s counts what the rows are in the singular where it is one', (_, words, many) => {
  const counts = ['learnedFrom', 'heldOut', 'withoutLabel', 'disputed', 'repeated', 'emptyRows', 'leftOut'] as const;
  for (const name of [...counts, 'badPlaces', 'broken', 'rowsAdded', 'rowsOf', 'surplus'] as const) {
    expect(words[name](1), name).not.toMatch(many);
    expect(words[name](2), name).toContain('2');
  }
});
