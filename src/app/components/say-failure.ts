import type { Failure } from '../state/index.ts';
import { TEXT } from '../text.ts';

/** A failure in the language of this page. `details`: the error's own words, in English, where they are not said already. */
export function sayFailure({ code, message, action }: Failure): {
  readonly what: string;
  readonly advice: string;
  readonly details: string | null;
} {
  const [what, advice] = TEXT.failures[code] ?? [];
  if (what === undefined || advice === undefined) return { what: message, advice: action, details: null };
  return { what, advice, details: message };
}
