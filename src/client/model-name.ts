import { SottoError } from '../shared/index.ts';

/** What a model is called by: its id, or the whole address of its file. Throws `invalid-option`. */
export function modelName(given: string): string {
  if (typeof given !== 'string') throw invalid('must be a text');
  if (!given.includes('/')) return given;
  if (!URL.canParse(given, document.baseURI)) throw invalid(`is no address: ${given}`);
  return new URL(given, document.baseURI).href;
}

function invalid(problem: string): SottoError {
  return new SottoError('invalid-option', `"model" ${problem}.`, { details: { option: 'model' } });
}
