import type { Catalogue } from './catalogue.ts';
import { EN } from './en.ts';
import { type WordLoaders, wordsOfPage } from './words-of-page.ts';

/** Languages that come as a file of their own, when they are asked for. */
const LOADERS: WordLoaders<Catalogue> = {
  de: async () => (await import('./de.ts')).DE,
  es: async () => (await import('./es.ts')).ES,
  fr: async () => (await import('./fr.ts')).FR,
  ar: async () => (await import('./ar.ts')).AR,
  ja: async () => (await import('./ja.ts')).JA,
  pseudo: async () => (await import('./pseudo.ts')).pseudo(EN),
};

export function loadCatalogue(): Promise<Catalogue> {
  return wordsOfPage(LOADERS, EN);
}
