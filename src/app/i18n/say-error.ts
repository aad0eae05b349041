import { isAbortError, SottoError } from '../../shared/index.ts';
import { loadFailures } from './failures/load-failures.ts';

/**
 * What went wrong and what to do, in the language of the page; the error's own words, which name the place, stand between.
 * @param stopped What is said where the person stopped it.
 */
export async function sayError(error: unknown, stopped: string): Promise<string> {
  if (isAbortError(error)) return stopped;
  if (!SottoError.isInstance(error)) return error instanceof Error ? error.message : String(error);
  const words = (await loadFailures())?.[error.code];
  return words === undefined ? `${error.message} ${error.userAction}` : `${words[0]} ${error.message} ${words[1]}`;
}
