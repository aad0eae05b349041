import { ERROR_ACTIONS, type SottoErrorCode } from './error-codes.ts';

const MARKER = Symbol.for('sotto.error');

const RETRYABLE: ReadonlySet<SottoErrorCode> = new Set([
  'download-failed',
  'download-stalled',
  'storage-full',
  'chunk-corrupt',
  'device-lost',
  'worker-lost',
  'engine-moved',
  'worker-load-failed',
]);

/** Numbers and names that explain an error (bytes needed, position in a file). Plain data: it crosses threads. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** The one error base: a code from a closed union, what to do, and whether trying again can help. */
export class SottoError extends Error {
  static {
    Object.defineProperty(SottoError.prototype, MARKER, { value: true });
  }
  readonly code: SottoErrorCode;
  readonly details: ErrorDetails;

  constructor(code: SottoErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SottoError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get isRetryable(): boolean {
    return RETRYABLE.has(this.code);
  }

  /** One sentence for the person: what to do now. */
  get userAction(): string {
    return ERROR_ACTIONS[this.code];
  }

  /** True for errors of any copy of this module (two bundles, two realms). */
  static isInstance(value: unknown): value is SottoError {
    return typeof value === 'object' && value !== null && MARKER in value;
  }
}

/** True for the DOMException an `AbortSignal` produces; aborts are not failures and keep their own type. */
export function isAbortError(value: unknown): value is DOMException {
  return value instanceof Error && value.name === 'AbortError';
}

/** The platform's own abort error, so that callers can treat ours and `fetch`'s alike. */
export function abortError(message = 'The operation was aborted.'): DOMException {
  return new DOMException(message, 'AbortError');
}

/** Throws an AbortError if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError();
}
