import { type Clock, SottoError } from '../shared/index.ts';
import { type AllowedFetch, statusError } from './allowed-fetch.ts';
import { bodyParts } from './body-parts.ts';
import { StallGuard } from './stall-guard.ts';

/** A list of models is small: a server that needs longer is not there, and what is stored can be used meanwhile. */
const SILENCE_LIMITS = { windowMs: 8_000, leastBytes: 1 };

/**
 * Fetches a small text. Rejects with `download-failed`, `download-stalled`, `download-refused`, `download-not-the-file`
 * (longer than `limitBytes`, or no UTF-8) or AbortError.
 */
export async function fetchText(
  tools: { readonly fetch: AllowedFetch; readonly clock: Clock },
  url: URL,
  limitBytes: number,
  signal: AbortSignal,
): Promise<string> {
  return decode((await fetchBytes(tools, url, { limitBytes, signal })).bytes, url);
}

/**
 * Fetches a whole file into memory; rejects as `fetchText` does.
 *
 * @returns `isSame`: the server still has what `knownTag` names, and sent nothing.
 */
export async function fetchBytes(
  tools: { readonly fetch: AllowedFetch; readonly clock: Clock },
  url: URL,
  {
    limitBytes,
    signal,
    knownTag = '',
  }: { readonly limitBytes: number; readonly signal: AbortSignal; readonly knownTag?: string },
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly tag: string; readonly isSame: boolean }> {
  const request = new AbortController();
  const linked = AbortSignal.any([signal, request.signal]);
  const guard = new StallGuard(tools.clock, SILENCE_LIMITS);
  try {
    const headers = knownTag === '' ? {} : { 'If-None-Match': knownTag };
    const response = await guard.wait(tools.fetch(url, { headers, signal: linked, isBulk: false }), signal);
    const tag = response.headers.get('ETag') ?? '';
    if (response.status === 304 && knownTag !== '') return { bytes: new Uint8Array(0), tag, isSame: true };
    if (response.status !== 200) throw statusError(response, url);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let total = 0;
    for await (const part of bodyParts(response, guard, signal)) {
      total += part.byteLength;
      if (total > limitBytes) {
        throw new SottoError('download-not-the-file', `${url.pathname} is longer than ${limitBytes} bytes.`);
      }
      parts.push(part);
    }
    return { bytes: new Uint8Array(await new Blob(parts).arrayBuffer()), tag, isSame: false };
  } finally {
    request.abort();
  }
}

function decode(bytes: Uint8Array, url: URL): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SottoError('download-not-the-file', `${url.pathname} is no text.`, { cause: error });
  }
}
