import { type WordLoaders, wordsOfPage } from '../words-of-page.ts';
import type { Failures } from './failures.ts';

const LOADERS: WordLoaders<Failures | null> = {
  en: async () => (await import('./en.ts')).FAILURES_EN,
  de: async () => (await import('./de.ts')).FAILURES_DE,
  es: async () => (await import('./es.ts')).FAILURES_ES,
  fr: async () => (await import('./fr.ts')).FAILURES_FR,
  ar: async () => (await import('./ar.ts')).FAILURES_AR,
  ja: async () => (await import('./ja.ts')).FAILURES_JA,
  pseudo: async () => {
    const [{ FAILURES_EN }, { pseudoWords }] = await Promise.all([import('./en.ts'), import('../pseudo.ts')]);
    return pseudoWords(FAILURES_EN);
  },
};

/** What can go wrong, in the language of this page; null where the words cannot be had. */
export function loadFailures(): Promise<Failures | null> {
  return wordsOfPage(LOADERS, null);
}
