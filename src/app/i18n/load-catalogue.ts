import type { Catalogue } from './catalogue.ts';
import { EN } from './en.ts';
import { type Language, pageLanguage } from './locale.ts';

/** Languages that come as a file of their own, when they are asked for. */
const LOADERS: Readonly<Partial<Record<Language | 'pseudo', () => Promise<Catalogue>>>> = {
  de: async () => (await import('./de.ts')).DE,
  es: async () => (await import('./es.ts')).ES,
  fr: async () => (await import('./fr.ts')).FR,
  ar: async () => (await import('./ar.ts')).AR,
  ja: async () => (await import('./ja.ts')).JA,
  pseudo: async () => (await import('./pseudo.ts')).pseudo(EN),
};

/** The words of this page's language. English where a language cannot be loaded: a page in English is better than none. */
export async function loadCatalogue(): Promise<Catalogue> {
  try {
    return (await LOADERS[pageLanguage()]?.()) ?? EN;
  } catch {
    return EN;
  }
}
