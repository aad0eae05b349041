import { SottoError } from '../../shared/index.ts';

/** Codes what IndexedDB rejects with, for records. Its AbortError means a rollback, not a person who pressed Stop. */
export function recordError(error: unknown): SottoError {
  if (SottoError.isInstance(error)) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new SottoError('storage-full', 'The browser has no room left to save this.', { cause: error });
  }
  if (name === 'VersionError') {
    return new SottoError('record-newer', 'What is stored here was written by a newer version.', { cause: error });
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SottoError('storage-failed', `The browser could not read or write its database (${reason}).`, {
    cause: error,
  });
}
