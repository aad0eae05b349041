import type { Catalogue } from './catalogue.ts';

const MARKED: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'é',
  g: 'ğ',
  i: 'í',
  l: 'ł',
  n: 'ñ',
  o: 'ó',
  s: 'š',
  u: 'ú',
  y: 'ý',
  z: 'ž',
  A: 'Á',
  C: 'Ç',
  E: 'É',
  I: 'Í',
  N: 'Ñ',
  O: 'Ó',
  S: 'Š',
  T: 'Ŧ',
  U: 'Ú',
};

/** A text as a long language would have it: marked letters, a third longer, in brackets that show a cut. */
export function pseudoText(text: string): string {
  if (text.trim() === '') return text;
  const marked = text.replace(/[a-zA-Z]/g, (letter) => MARKED[letter] ?? letter);
  return `⟦${marked}${' ~~~'.repeat(Math.ceil(text.length / 12))}⟧`;
}

/** Every word of a catalogue, made long and marked. */
export function pseudo(catalogue: Catalogue): Catalogue {
  return pseudoWords(catalogue);
}

/** Every word of any shape, the shape kept. */
export function pseudoWords<Words>(words: Words): Words {
  return transform(words) as Words;
}

function transform(value: unknown): unknown {
  if (typeof value === 'string') return pseudoText(value);
  if (typeof value === 'function') return (...values: unknown[]) => pseudoText(String(value(...values)));
  if (Array.isArray(value)) return value.map(transform);
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, transform(inner)]));
}
