import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { cacheControl } from '../headers.mjs';
import { parseRange } from './byte-range.mjs';

/** A wrong type is refused by the browser (`nosniff`), so every kind of file the build holds stands here. */
const CONTENT_TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.map', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.md', 'text/markdown; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.gguf', 'application/octet-stream'],
  ['.onnx', 'application/octet-stream'],
]);

/**
 * What a static site is made of.
 * @typedef {object} StaticSite
 * @property {string} directory Files below it are served; names that begin with a dot never are.
 * @property {Readonly<Record<string, string>> | ((pathname: string) => Readonly<Record<string, string>>)} headers Sent with every
 *   response, errors included; a function where they depend on the address.
 * @property {Readonly<Record<string, string>>} [pages] Texts in place of files of the directory: path → content. Without an ending it is HTML.
 */

/**
 * A handler that serves a directory as a production host should: every header on every response, byte ranges with
 * `If-Range`, revalidation by ETag, the right types, compressed copies where `npm run compress` made them (never of weights).
 * @param {StaticSite} site
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>}
 */
export function createStaticHandler(site) {
  return async (request, response) => {
    const path = safePath(request.url ?? '/');
    const headers = typeof site.headers === 'function' ? site.headers(path ?? '/') : site.headers;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return sendText(request, response, 405, 'Method not allowed');
    }
    if (path === null) return sendText(request, response, 400, 'Bad request');
    const page = site.pages?.[path];
    if (page !== undefined) return sendText(request, response, 200, page, CONTENT_TYPES.get(extname(path) || '.html'));
    const file = join(site.directory, path.endsWith('/') ? `${path}index.html` : path);
    const stats = await stat(file).catch(() => null);
    if (stats === null || !stats.isFile()) return sendText(request, response, 404, 'Not found');
    const copy = await compressedCopy(file, request.headers['accept-encoding'] ?? '');
    if (copy !== null) {
      response.setHeader('Content-Encoding', copy.encoding);
      response.setHeader('Vary', 'Accept-Encoding');
    }
    const { size, mtimeMs } = copy?.stats ?? stats;
    sendFile(request, response, { file: copy?.file ?? file, path, size, modifiedMs: mtimeMs });
  };
}

/**
 * The smaller copy that `npm run compress` put beside a file, where there is one and the browser reads it.
 * @param {string} file
 * @param {string} accepted
 */
async function compressedCopy(file, accepted) {
  for (const [encoding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ]) {
    if (encoding === undefined || !new RegExp(`\\b${encoding}\\b`).test(accepted)) continue;
    const stats = await stat(file + ending).catch(() => null);
    if (stats !== null) return { encoding, stats, file: file + ending };
  }
  return null;
}

/**
 * The path of an address, decoded; null when it is malformed or names something hidden or above the directory.
 * @param {string} url
 * @returns {string | null}
 */
export function safePath(url) {
  let path;
  try {
    path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '');
  } catch {
    return null;
  }
  const isBad = !path.startsWith('/') || /[\0\\]/.test(path) || path.split('/').some((part) => part.startsWith('.'));
  return isBad ? null : path;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ file: string, path: string, size: number, modifiedMs: number }} found
 */
function sendFile(request, response, { file, path, size, modifiedMs }) {
  const entityTag = `"${size.toString(36)}-${Math.round(modifiedMs * 1000).toString(36)}"`;
  response.setHeader('Content-Type', CONTENT_TYPES.get(extname(path) || '.html') ?? 'application/octet-stream');
  response.setHeader('ETag', entityTag);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', cacheControl(path));
  if (request.headers['if-none-match'] === entityTag) {
    response.writeHead(304).end();
    return;
  }
  const condition = request.headers['if-range'];
  const isRangeValid = condition === undefined || condition === entityTag;
  const range = isRangeValid ? parseRange(request.headers.range, size) : null;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'Content-Length': end - start + 1,
    ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  // A reader that goes away in mid-file is ordinary; the pipeline closes the file.
  pipeline(createReadStream(file, { start, end }), response, () => {});
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} text
 * @param {string} [type]
 */
function sendText(request, response, status, text, type = 'text/plain; charset=utf-8') {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-cache',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}
