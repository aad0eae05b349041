export type { Catalogue } from './catalogue.ts';
export { loadCatalogue } from './load-catalogue.ts';
export {
  applyDisplayChoice,
  type DisplayChoice,
  LANGUAGES,
  readDisplayChoice,
  writeDisplayChoice,
} from './locale.ts';
