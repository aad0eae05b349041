import { cacheControl } from '../headers.mjs';
import { probe } from './probe.mjs';

/** @typedef {import('./headers.mjs').Finding} Finding */

/** Endings and the types browsers accept for them. */
const TYPES = /** @type {Readonly<Record<string, RegExp>>} */ ({
  html: /^text\/html/,
  js: /^(text|application)\/javascript/,
  css: /^text\/css/,
  json: /^application\/json/,
  wasm: /^application\/wasm$/,
  svg: /^image\/svg\+xml/,
  webmanifest: /^application\/manifest\+json/,
  gguf: /^application\/octet-stream/,
});

/**
 * @param {string} path
 * @param {import('./probe.mjs').Answer} answer
 * @returns {Finding[]}
 */
export function checkType(path, answer) {
  const expected = TYPES[path.split('.').at(-1) ?? ''];
  const type = answer.headers['content-type'] ?? '';
  if (expected === undefined || expected.test(type)) return [];
  const message = `comes as "${type}": the browser refuses it.`;
  return [
    finding(
      'fail',
      'types',
      path,
      message,
      `Send ${path.split('.').at(-1)} files with the type that the recipe names.`,
    ),
  ];
}

/**
 * @param {string} path
 * @param {import('./probe.mjs').Answer} answer
 * @returns {Finding[]}
 */
export function checkCaching(path, answer) {
  const actual = answer.headers['cache-control'] ?? '';
  const isHashed = cacheControl(path).includes('immutable');
  const found = [];
  if (isHashed && !/max-age=\d{7,}/.test(actual)) {
    found.push(
      finding(
        'warn',
        'caching',
        path,
        `Cache-Control is "${actual}": every visit asks for it again.`,
        `Send "${cacheControl(path)}" for assets/: their names hold their hash.`,
      ),
    );
  }
  if (!isHashed && !/no-cache|no-store|max-age=0/.test(actual)) {
    found.push(
      finding(
        'fail',
        'caching',
        path,
        `Cache-Control is "${actual}": after an update visitors keep the old file, which names parts that are gone.`,
        'Send "no-cache" for everything outside assets/.',
      ),
    );
  }
  if ((answer.headers['etag'] ?? '') === '' && !isHashed) {
    found.push(finding('warn', 'caching', path, 'has no ETag: it is sent whole every time.', 'Switch entity tags on.'));
  }
  return found;
}

/**
 * Weights must come in parts, and an interrupted download must find out whether the file is still the same.
 * @param {URL} base
 * @param {string} path
 * @param {number} bytes
 * @returns {Promise<Finding[]>}
 */
export async function checkRanges(base, path, bytes) {
  const url = new URL(path, base);
  const fix = 'Serve the file as it lies on the disk, with ranges, without compression and without a rewriting proxy.';
  const part = await probe(url, { headers: { Range: 'bytes=4-11' } });
  if (part.status !== 206) {
    return [
      finding(
        'fail',
        'ranges',
        path,
        `a request for 8 bytes gets status ${part.status}: an interrupted download begins anew.`,
        fix,
      ),
    ];
  }
  /** @type {Finding[]} */
  const found = [];
  if (part.body.length !== 8 || part.headers['content-range'] !== `bytes 4-11/${bytes}`) {
    found.push(
      finding(
        'fail',
        'ranges',
        path,
        `asked for 8 bytes of ${bytes}, it sends ${part.body.length} as "${part.headers['content-range'] ?? ''}".`,
        fix,
      ),
    );
  }
  const tag = part.headers['etag'];
  if (tag === undefined || tag.startsWith('W/')) {
    found.push(
      finding(
        'fail',
        'ranges',
        path,
        tag === undefined
          ? 'has no ETag: a download cannot be resumed safely.'
          : 'has a weak ETag: a download cannot be resumed safely.',
        'Send a strong ETag for weights.',
      ),
    );
  } else {
    const same = await probe(url, { headers: { Range: 'bytes=4-11', 'If-Range': tag } });
    if (same.status !== 206)
      found.push(finding('fail', 'if-range', path, `If-Range with its own ETag gets status ${same.status}.`, fix));
    // The whole file is not read: the status says it.
    const other = await probe(url, {
      method: 'HEAD',
      headers: { Range: 'bytes=4-11', 'If-Range': '"another-edition"' },
    });
    if (other.status === 206)
      found.push(
        finding('fail', 'if-range', path, 'If-Range is not looked at: parts of two editions would be mixed.', fix),
      );
  }
  const packed = await probe(url, { method: 'HEAD', headers: { 'Accept-Encoding': 'gzip, br' } });
  if (packed.headers['content-encoding'] !== undefined) {
    found.push(
      finding(
        'fail',
        'compression',
        path,
        'weights are compressed on the way: they cannot be resumed, and gain nothing.',
        'Leave .gguf and .onnx as they are.',
      ),
    );
  }
  return found;
}

/**
 * @param {URL} base
 * @param {string} path
 * @returns {Promise<Finding[]>}
 */
export async function checkCompression(base, path) {
  const answer = await probe(new URL(path, base), { headers: { 'Accept-Encoding': 'br, gzip' } });
  const encoding = answer.headers['content-encoding'];
  // What fits into one packet gains nothing.
  if (encoding === undefined && answer.body.length < 1_024) return [];
  if (encoding === undefined) {
    const message = `comes uncompressed (${Math.round(answer.body.length / 1000)} kB).`;
    return [
      finding(
        'warn',
        'compression',
        path,
        message,
        'Run `npm run compress` and let the server send the .br and .gz copies, as the recipes do.',
      ),
    ];
  }
  if (!/accept-encoding/i.test(answer.headers['vary'] ?? '')) {
    return [
      finding(
        'fail',
        'compression',
        path,
        `comes as ${encoding} without Vary: Accept-Encoding: a proxy may give it to who cannot read it.`,
        'Send Vary: Accept-Encoding.',
      ),
    ];
  }
  return [];
}

/**
 * An address that is not there must not look like an answer.
 * @param {URL} base
 * @returns {Promise<{ findings: Finding[], answer: import('./probe.mjs').Answer }>}
 */
export async function checkMissing(base) {
  const path = 'models/there-is-no-such-file.gguf';
  const answer = await probe(new URL(path, base));
  const isRight = answer.status === 404;
  const fix = 'Answer 404 for what is not there; no page in its place.';
  return {
    answer,
    findings: isRight
      ? []
      : [finding('fail', 'missing files', path, `an address that is not there gets status ${answer.status}.`, fix)],
  };
}

/**
 * @param {Finding['level']} level
 * @param {string} check
 * @param {string} subject
 * @param {string} message
 * @param {string} fix
 * @returns {Finding}
 */
export function finding(level, check, subject, message, fix) {
  return { level, check, subject, message, fix };
}
