import { type ErrorDetails, SottoError } from '../../shared/index.ts';

/** True for both shapes of a full disk: the older DOMException and the newer class of its own. */
export function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/**
 * Codes what IndexedDB rejects with. Its AbortError is among them: it means a transaction that was rolled back, not a person
 * who pressed Stop, and must not be taken for one.
 */
export async function storageError(error: unknown): Promise<SottoError> {
  if (SottoError.isInstance(error)) return error;
  if (isQuotaError(error)) {
    const details: ErrorDetails = await availableBytes(error);
    return new SottoError('storage-full', 'The browser has no room left for this model.', { cause: error, details });
  }
  if (error instanceof Error && error.name === 'VersionError') {
    return new SottoError('record-newer', 'The weights database was made by a newer version.', { cause: error });
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SottoError('storage-failed', `The browser could not read or write its database (${reason}).`, {
    cause: error,
  });
}

/** What the browser says is free. It may lie (some report a constant), so it explains an error and never predicts one. */
async function availableBytes(error: unknown): Promise<{ availableBytes?: number }> {
  const { quota, requested } = error as { quota?: unknown; requested?: unknown };
  if (typeof quota === 'number' && typeof requested === 'number') {
    return { availableBytes: Math.max(0, quota - requested) };
  }
  try {
    const estimate = await navigator.storage.estimate();
    if (estimate.quota === undefined || estimate.usage === undefined) return {};
    return { availableBytes: Math.max(0, estimate.quota - estimate.usage) };
  } catch {
    return {};
  }
}
