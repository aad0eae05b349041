import { SottoError, type SottoErrorCode } from '../../client/index.ts';

/** An error as the page shows it: plain data. */
export interface Failure {
  readonly code: SottoErrorCode;
  /** What happened. */
  readonly message: string;
  /** What to do. */
  readonly action: string;
}

/** Anything thrown → what the page can say about it. */
export function toFailure(error: unknown): Failure {
  const known = SottoError.isInstance(error)
    ? error
    : new SottoError('internal', error instanceof Error ? error.message : String(error));
  return { code: known.code, message: known.message, action: known.userAction };
}

/** A failure that was stored, with what to do about it; a code this version does not know counts as internal. */
export function failureOf({ code, message }: { readonly code: string; readonly message: string }): Failure {
  const known = new SottoError(code as SottoErrorCode, message);
  return known.userAction === undefined ? toFailure(new SottoError('internal', message)) : toFailure(known);
}

/** True where a network that comes back is reason enough to go on by ourselves. */
export function isNetworkFailure({ code }: Failure): boolean {
  return code === 'download-failed' || code === 'download-stalled';
}

/** Failures that the same question would meet again: another try is not offered. */
const LASTING: ReadonlySet<SottoErrorCode> = new Set([
  'prompt-too-long',
  'empty-prompt',
  'invalid-option',
  'unsupported-option',
  'template-rejected',
  'tokenizer-unsupported',
]);

/** True where asking the same again can help. */
export function canRetry({ code }: Failure): boolean {
  return !LASTING.has(code);
}
