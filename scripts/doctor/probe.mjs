import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';

/**
 * One answer, as it came over the wire: nothing decoded, no redirect followed.
 * @typedef {{ status: number, headers: Readonly<Record<string, string>>, body: Buffer, url: string }} Answer
 */

/** A server that says nothing for so long is not there. */
const TIMEOUT_MS = 20_000;

/**
 * @param {URL} url
 * @param {{ headers?: Record<string, string>, method?: string, onData?: (part: Buffer) => void }} [options] `onData`: takes the body piece by
 *   piece; then the answer's own body is empty.
 * @returns {Promise<Answer>}
 */
export function probe(url, { headers = {}, method = 'GET', onData } = {}) {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(
      url,
      { method, headers: { 'Accept-Encoding': 'identity', ...headers }, timeout: TIMEOUT_MS },
      (response) => {
        /** @type {Buffer[]} */
        const parts = [];
        response.on('data', (part) => (onData === undefined ? parts.push(part) : onData(part)));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [
                name,
                Array.isArray(value) ? value.join(', ') : (value ?? ''),
              ]),
            ),
            body: Buffer.concat(parts),
            url: url.href,
          }),
        );
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', reject);
    request.end();
  });
}
