import { loadFailures } from '../../app/i18n/index.ts';
import { isAbortError, SottoError } from '../../client/index.ts';
import { TEXT } from '../text.ts';

/** What went wrong and what to do, in the language of the page; the error's own words, which name the place, stand behind. */
export async function sayError(error: unknown): Promise<string> {
  if (isAbortError(error)) return TEXT.stopped;
  if (!SottoError.isInstance(error)) return error instanceof Error ? error.message : String(error);
  const words = (await loadFailures())?.[error.code];
  return words === undefined ? `${error.message} ${error.userAction}` : `${words[0]} ${error.message} ${words[1]}`;
}
