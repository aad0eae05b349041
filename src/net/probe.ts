import { SottoError } from '../shared/index.ts';
import { statusError } from './allowed-fetch.ts';
import { notTheFile } from './answer.ts';
import { bodyParts } from './body-parts.ts';
import { checkStart, SIGNATURE_BYTES } from './file-start.ts';
import { type TransferTools, validatorOf } from './server-file.ts';
import { StallGuard } from './stall-guard.ts';

/** What a server says of a file that nobody has described. */
export interface Probed {
  readonly size: number;
  /** Tells this edition from another; undefined where the server gives nothing of the kind. */
  readonly validator: string | undefined;
}

/**
 * Asks for the first bytes of a file: is it a model, how long is it, which edition. Rejects with `download-not-the-file` for
 * anything else, and where the server does not say how long the file is; otherwise as fetches do.
 */
export async function probe({ fetch, clock, stall }: TransferTools, url: URL, signal: AbortSignal): Promise<Probed> {
  const request = new AbortController();
  const linked = AbortSignal.any([signal, request.signal]);
  const guard = new StallGuard(clock, stall);
  try {
    const headers = { Range: `bytes=0-${SIGNATURE_BYTES - 1}` };
    const response = await guard.wait(fetch(url, { headers, signal: linked, isBulk: true }), signal);
    if (response.status !== 200 && response.status !== 206) throw statusError(response, url);
    if (/^\s*(text\/html|application\/xhtml)/i.test(response.headers.get('Content-Type') ?? '')) {
      throw notTheFile('The server answered with an HTML page.');
    }
    let start = new Uint8Array(0);
    for await (const part of bodyParts(response, guard, linked)) {
      const grown = new Uint8Array(start.byteLength + part.byteLength);
      grown.set(start);
      grown.set(part, start.byteLength);
      start = grown;
      if (start.byteLength >= SIGNATURE_BYTES) break;
    }
    checkStart(start.subarray(0, SIGNATURE_BYTES), url);
    return { size: sizeOf(response, url), validator: validatorOf(response) };
  } finally {
    request.abort();
  }
}

function sizeOf(response: Response, url: URL): number {
  const encoding = (response.headers.get('Content-Encoding') ?? 'identity').trim().toLowerCase();
  const [, total] = /\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  const said = response.status === 206 ? total : (response.headers.get('Content-Length') ?? undefined);
  const size = Number(said ?? Number.NaN);
  if (encoding !== 'identity' || !Number.isSafeInteger(size) || size < 1) {
    throw new SottoError('download-not-the-file', `${url.host} does not say how long ${url.pathname} is.`);
  }
  return size;
}
