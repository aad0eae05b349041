import { abortError, type ErrorDetails, isAbortError, SottoError, type SottoErrorCode } from '../shared/index.ts';

/**
 * How a result crosses a thread border. comlink drops every field of an error but its message, so errors travel as plain data.
 */
export type Envelope<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorEnvelope };

export type ErrorEnvelope =
  | { readonly kind: 'abort'; readonly message: string }
  | {
      readonly kind: 'sotto';
      readonly code: SottoErrorCode;
      readonly message: string;
      readonly details: ErrorDetails;
      readonly stack?: string;
    };

/** Turns anything thrown into plain data; an unknown error becomes `internal` with its message and stack. */
export function toErrorEnvelope(error: unknown): ErrorEnvelope {
  if (isAbortError(error)) return { kind: 'abort', message: error.message };
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  if (SottoError.isInstance(error)) {
    return { kind: 'sotto', code: error.code, message: error.message, details: error.details, ...stack };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'sotto', code: 'internal', message, details: {}, ...stack };
}

/** The error again, on the side of the caller; the far stack is kept as `cause`. */
export function fromErrorEnvelope(envelope: ErrorEnvelope): Error {
  if (envelope.kind === 'abort') return abortError(envelope.message);
  return new SottoError(envelope.code, envelope.message, { cause: envelope.stack, details: envelope.details });
}

/** Runs the body of a worker method so that it never rejects: success and failure are both values. */
export async function settle<T>(body: () => T | Promise<T>): Promise<Envelope<T>> {
  try {
    return { ok: true, value: await body() };
  } catch (error) {
    return { ok: false, error: toErrorEnvelope(error) };
  }
}
