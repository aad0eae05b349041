import { type Language, pageLanguage } from '../../app/i18n/index.ts';
import { EN } from './en.ts';
import type { Words } from './words.ts';

const LOADERS: Readonly<Partial<Record<Language | 'pseudo', () => Promise<Words>>>> = {
  de: async () => (await import('./de.ts')).DE,
  es: async () => (await import('./es.ts')).ES,
  fr: async () => (await import('./fr.ts')).FR,
  ar: async () => (await import('./ar.ts')).AR,
  ja: async () => (await import('./ja.ts')).JA,
};

/** The words of this page's language, English where it cannot be loaded. */
export async function loadWords(): Promise<Words> {
  try {
    return (await LOADERS[pageLanguage()]?.()) ?? EN;
  } catch {
    return EN;
  }
}
