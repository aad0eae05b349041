export type { Catalogue, Widened } from './catalogue.ts';
export type { Failures } from './failures/failures.ts';
export { loadFailures } from './failures/load-failures.ts';
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
export { sayError } from './say-error.ts';
export { type WordLoaders, wordsOfPage } from './words-of-page.ts';
