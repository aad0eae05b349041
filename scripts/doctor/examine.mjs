import { createHash } from 'node:crypto';
import { headersOfPolicy } from '../deploy/site.mjs';
import { ASSET_MANIFEST } from '../lib/asset-manifest.mjs';
import { checkPolicyText } from '../policy/check.mjs';
import { checkCaching, checkCompression, checkMissing, checkRanges, checkType, finding } from './delivery.mjs';
import { checkHeaders } from './headers.mjs';
import { probe } from './probe.mjs';

/** @typedef {import('./headers.mjs').Finding} Finding */
/** @typedef {import('../lib/asset-manifest.mjs').AssetManifest} AssetManifest */

/** Files looked at closely: the pages, the doors of library and widget, the offline shell, one of each kind below assets/. */
const DOORS = ['index.html', 'widget.html', 'widget.js', 'sotto.js', 'service-worker.js', 'models/catalogue.json'];
const KINDS = [
  /^assets\/download\.worker-.*\.js$/,
  /^assets\/inference\.worker-.*\.js$/,
  /^assets\/.*\.css$/,
  /^assets\/(?!ort-).*\.wasm$/,
];

const NO_POLICY = { embedders: [], connections: [] };

/**
 * Looks at a running deployment.
 * @param {URL} base Address of the folder that holds index.html, with its last slash.
 * @param {{ isQuick?: boolean }} [options] `isQuick`: hashes of weights are not checked.
 * @returns {Promise<readonly Finding[]>} Empty: all is well.
 */
export async function examine(base, { isQuick = false } = {}) {
  /** @type {Finding[]} */
  const found = [];
  if (base.protocol !== 'https:' && !/^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/.test(base.hostname)) {
    found.push(
      finding(
        'fail',
        'https',
        base.href,
        'browsers give threads, storage and the service worker to https only.',
        'Serve it over TLS.',
      ),
    );
  }
  let front;
  try {
    front = await probe(base);
  } catch (error) {
    return [
      finding(
        'fail',
        'reach',
        base.href,
        `does not answer: ${error instanceof Error ? error.message : String(error)}.`,
        'Check the address and that the server runs.',
      ),
    ];
  }
  if (front.status !== 200) {
    const where = front.headers['location'] === undefined ? '' : ` and leads to ${front.headers['location']}`;
    return [
      finding(
        'fail',
        'reach',
        base.href,
        `answers with status ${front.status}${where}.`,
        'Give the address of the folder itself, with its last slash.',
      ),
    ];
  }
  const allowed = await checkPolicy(base, found);
  const manifest = await readManifest(base, found);
  const paths = Object.keys(manifest?.files ?? {});
  const sample = [...DOORS, ...KINDS.flatMap((kind) => paths.find((path) => kind.test(path)) ?? [])];
  found.push(...checkHeaders('index.html', front, allowed).map((one) => ({ ...one, subject: './' })));
  for (const path of sample) {
    const answer = await probe(new URL(path, base));
    if (answer.status !== 200) {
      found.push(finding('fail', 'files', path, `answers with status ${answer.status}.`, 'Copy the whole of dist/.'));
      continue;
    }
    found.push(...checkHeaders(path, answer, allowed), ...checkType(path, answer), ...checkCaching(path, answer));
  }
  const missing = await checkMissing(base);
  found.push(...missing.findings, ...checkHeaders('404', missing.answer, allowed));
  found.push(
    ...(await checkCompression(base, 'sotto.js')),
    ...(await checkCompression(base, paths.find((path) => /^assets\/client-.*\.js$/.test(path)) ?? 'widget.js')),
  );
  const weights = paths.find((path) => path.endsWith('.gguf'));
  if (weights !== undefined) {
    const answer = await probe(new URL(weights, base), { method: 'HEAD' });
    found.push(...checkHeaders(weights, answer, allowed), ...checkType(weights, answer));
    found.push(...(await checkRanges(base, weights, manifest?.files[weights]?.bytes ?? 0)));
  }
  if (manifest !== null) await checkHashes(base, manifest, isQuick, found);
  return found;
}

/**
 * @param {URL} base
 * @param {Finding[]} found
 * @returns {Promise<{ embedders: readonly string[], connections: readonly string[] }>}
 */
async function checkPolicy(base, found) {
  const answer = await probe(new URL('sotto.policy.json', base));
  if (answer.status === 404) {
    found.push(
      finding(
        'warn',
        'policy',
        'sotto.policy.json',
        'is not there: everything the site offers is allowed.',
        'Write one, even if it only says "policyVersion": 1.',
      ),
    );
    return NO_POLICY;
  }
  const { policy, problems } = await checkPolicyText(answer.body.toString('utf8'));
  for (const { line, column, place, message, advice } of problems) {
    found.push(
      finding(
        'fail',
        'policy',
        `sotto.policy.json:${line}:${column}`,
        `${place} ${message}; nobody can use anything.`,
        advice,
      ),
    );
  }
  return policy === null ? NO_POLICY : headersOfPolicy(policy);
}

/**
 * @param {URL} base
 * @param {Finding[]} found
 * @returns {Promise<AssetManifest | null>}
 */
async function readManifest(base, found) {
  const answer = await probe(new URL(ASSET_MANIFEST, base));
  try {
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return JSON.parse(answer.body.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    found.push(
      finding(
        'fail',
        'hashes',
        ASSET_MANIFEST,
        `cannot be read (${reason}): nothing says what should be there.`,
        'Copy the whole of dist/.',
      ),
    );
    return null;
  }
}

/**
 * @param {URL} base
 * @param {AssetManifest} manifest
 * @param {boolean} isQuick
 * @param {Finding[]} found
 */
async function checkHashes(base, manifest, isQuick, found) {
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    // Static hosts read this file and do not show it.
    if (path === '_headers' || (isQuick && /\.(gguf|onnx)$/.test(path))) continue;
    const hash = createHash('sha256');
    let size = 0;
    const { status } = await probe(new URL(path, base), {
      onData: (part) => {
        hash.update(part);
        size += part.length;
      },
    });
    if (status !== 200) {
      found.push(finding('fail', 'hashes', path, `answers with status ${status}.`, 'Copy the whole of dist/.'));
    } else if (size !== bytes || hash.digest('hex') !== sha256) {
      const message = size === bytes ? 'is not the file that was built.' : `has ${size} bytes, built were ${bytes}.`;
      found.push(
        finding(
          'fail',
          'hashes',
          path,
          message,
          'Copy it again, and find out who changed it: a proxy that rewrites files, or somebody.',
        ),
      );
    }
  }
}
