export type { Catalogue, Widened } from './catalogue.ts';
export { loadCatalogue } from './load-catalogue.ts';
export {
  applyDisplayChoice,
  type DisplayChoice,
  LANGUAGES,
  type Language,
  pageLanguage,
  permitLanguages,
  permittedLanguages,
  readDisplayChoice,
  writeDisplayChoice,
} from './locale.ts';
export { type WordLoaders, wordsOfPage } from './words-of-page.ts';
