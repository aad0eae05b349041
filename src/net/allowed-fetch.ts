import { isAbortError, SottoError, throwIfAborted } from '../shared/index.ts';

/** The one way out: GET, to allowed hosts, with nothing of the person in it. */
export type AllowedFetch = (
  url: URL,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly isBulk: boolean;
  },
) => Promise<Response>;

/**
 * Makes the `fetch` that everything else in this room uses. No cookies, no referrer, no redirects: a redirect could lead to a
 * host that nobody allowed, and a page cannot see where before it has been followed.
 *
 * @param origins Allowed origins, "https://models.example.org"; a function where they are known only later.
 * @returns A function that rejects with `download-refused` (host, redirect), `download-failed` (no answer) or AbortError.
 *   Any HTTP status resolves.
 */
export function createAllowedFetch(origins: readonly string[] | (() => Promise<readonly string[]>)): AllowedFetch {
  return async (url, { headers, signal, isBulk }) => {
    const allowed = new Set(typeof origins === 'function' ? await origins() : origins);
    if (!allowed.has(url.origin) || url.username !== '' || url.password !== '') {
      throw new SottoError('download-refused', `${url.origin} is not an allowed host.`, {
        details: { host: url.host },
      });
    }
    throwIfAborted(signal);
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'GET',
        headers: headers ?? {},
        signal,
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        redirect: 'manual',
        // Weights go to our own store; a second copy in the HTTP cache would double the space they take.
        cache: isBulk ? 'no-store' : 'no-cache',
      });
    } catch (error) {
      throwIfAborted(signal);
      if (isAbortError(error)) throw error;
      throw new SottoError('download-failed', `${url.host} did not answer.`, { cause: error });
    }
    const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
    if (isRedirect && response.status !== 304) {
      await response.body?.cancel();
      throw new SottoError('download-refused', `${url.host} sends the download elsewhere, which is not allowed.`, {
        details: { host: url.host },
      });
    }
    return response;
  };
}

/** The coded error of a status that is no success. `Retry-After` in seconds is passed on where the server gives one. */
export function statusError(response: Response, url: URL): SottoError {
  const { status } = response;
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
  return new SottoError('download-failed', `${url.host} answered with status ${status} for ${url.pathname}.`, {
    details: { status, ...retryAfter },
  });
}
