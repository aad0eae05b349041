import { type WordLoaders, wordsOfPage } from '../../app/i18n/index.ts';
import { EN } from './en.ts';
import type { Words } from './words.ts';

const LOADERS: WordLoaders<Words> = {
  de: async () => (await import('./de.ts')).DE,
  es: async () => (await import('./es.ts')).ES,
  fr: async () => (await import('./fr.ts')).FR,
  ar: async () => (await import('./ar.ts')).AR,
  ja: async () => (await import('./ja.ts')).JA,
};

export function loadWords(): Promise<Words> {
  return wordsOfPage(LOADERS, EN);
}
