import { invalid } from './options.ts';

/** What a model is called by: its id, or the whole address of its file. Throws `invalid-option`. */
export function modelName(given: string): string {
  if (typeof given !== 'string') throw invalid('model', 'must be a text');
  if (!given.includes('/')) return given;
  if (!URL.canParse(given, document.baseURI)) throw invalid('model', `is no address: ${given}`);
  return new URL(given, document.baseURI).href;
}
