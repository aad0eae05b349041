import { isAbortError, SottoError, type SottoErrorCode } from '../../../shared/index.ts';

/** DOM names of our codes; every other fault is an `UnknownError`, as the specification has it. */
const NAMES: ReadonlyMap<SottoErrorCode, string> = new Map<SottoErrorCode, string>([
  ['unsupported-option', 'NotSupportedError'],
  ['model-unsupported', 'NotSupportedError'],
  ['model-unknown', 'NotSupportedError'],
  ['template-rejected', 'NotSupportedError'],
  ['disposed', 'InvalidStateError'],
]);

export function domError(name: string, message: string): DOMException {
  return new DOMException(message, name);
}

/** Anything thrown inside, as a page that knows only the DOM expects it. Aborts and type errors stay what they are. */
export function toDomError(error: unknown): unknown {
  if (isAbortError(error) || error instanceof DOMException || error instanceof TypeError) return error;
  if (!SottoError.isInstance(error))
    return domError('UnknownError', error instanceof Error ? error.message : String(error));
  return domError(NAMES.get(error.code) ?? 'UnknownError', `${error.message} ${error.userAction}`);
}

/** More context was asked for than there is. Chromium has a class of its own for it; elsewhere the name must do. */
export function quotaExceeded(requested: number, quota: number): Error {
  const message = `The input needs ${requested} tokens of context; the model has ${quota}.`;
  const Own = (globalThis as { QuotaExceededError?: new (message: string, options: object) => Error })
    .QuotaExceededError;
  if (Own !== undefined) return new Own(message, { requested, quota });
  return Object.assign(domError('QuotaExceededError', message), { requested, quota });
}
