import { createStore, entries, type UseStore, update } from 'idb-keyval';

/** Why something was asked for. */
export type RequestReason = 'page' | 'model' | 'other';

/** All requests to one host for one reason. */
export interface RequestTotal {
  readonly host: string;
  readonly reason: RequestReason;
  readonly count: number;
  /** Bytes of the bodies that came back, as far as they were announced. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

let store: UseStore | undefined;

function open(): UseStore {
  store ??= createStore('sotto-requests', 'totals');
  return store;
}

/** Adds one request to the account. Never rejects: a request must not fail because it could not be counted. */
export async function countRequest(
  request: Pick<RequestTotal, 'host' | 'reason' | 'bytes'> & { readonly at: number },
): Promise<void> {
  const { host, reason, bytes, at } = request;
  try {
    await update<RequestTotal>(
      `${reason} ${host}`,
      (known) => ({
        host,
        reason,
        count: (known?.count ?? 0) + 1,
        bytes: (known?.bytes ?? 0) + bytes,
        first: known?.first ?? at,
        last: at,
      }),
      open(),
    );
  } catch {
    // Storage is blocked or full.
    store = undefined;
  }
}

/** The account, the largest first. Empty where storage is blocked. */
export async function readRequests(): Promise<readonly RequestTotal[]> {
  try {
    const rows = await entries<string, RequestTotal>(open());
    return rows.map(([, total]) => total).sort((a, b) => b.bytes - a.bytes);
  } catch {
    store = undefined;
    return [];
  }
}
