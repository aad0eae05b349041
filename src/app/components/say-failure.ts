import { failureWords } from '../failure-words.ts';
import type { Failure } from '../state/index.ts';

/** A failure in plain words, in the language of this page. `details`: the error's own words, in English, where they are not said already. */
export function sayFailure({ code, message, action }: Failure): {
  readonly what: string;
  readonly advice: string;
  readonly details: string | null;
} {
  const words = failureWords.value?.[code];
  if (words === undefined) return { what: message, advice: action, details: null };
  const [what, advice] = words;
  return { what, advice, details: message };
}
