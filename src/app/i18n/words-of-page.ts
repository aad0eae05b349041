import { type Language, pageLanguage } from './locale.ts';

/** Words by language; languages without a loader speak English. */
export type WordLoaders<Words> = Readonly<Partial<Record<Language | 'pseudo', () => Promise<Words>>>>;

/** The words of this page's language. English where a language cannot be loaded: a page in English is better than none. */
export async function wordsOfPage<Words>(loaders: WordLoaders<Words>, english: Words): Promise<Words> {
  try {
    return (await loaders[pageLanguage()]?.()) ?? english;
  } catch {
    return english;
  }
}
