import { responseHeadersOf } from '../headers.mjs';

/**
 * What a server must know of one site.
 * @typedef {object} Site
 * @property {string} root Folder of the built product, absolute.
 * @property {string} path Where it is served: "/" or "/sotto/".
 * @property {string} listen What the server listens on, in its own words.
 * @property {readonly string[]} embedders Origins whose pages may hold the widget.
 * @property {readonly string[]} connections Origins of mirrors and knowledge packs.
 * @property {string} [locations] nginx only: further locations of the same server, such as an intranet's own pages.
 */

/** Types of every kind of file the build holds: a wrong one is refused by the browser (`nosniff`). */
export const TYPES = [
  ['text/html', ['html']],
  ['text/javascript', ['js', 'mjs']],
  ['text/css', ['css']],
  ['application/json', ['json', 'map']],
  ['application/manifest+json', ['webmanifest']],
  ['application/wasm', ['wasm']],
  ['image/svg+xml', ['svg']],
  ['image/png', ['png']],
  ['image/webp', ['webp']],
  ['text/markdown', ['md']],
  ['text/plain', ['txt']],
  ['application/octet-stream', ['gguf', 'onnx', 'pack']],
];

/** Types whose text is UTF-8 and says so. */
export const TEXT_TYPES = [
  'text/html',
  'text/javascript',
  'text/css',
  'application/json',
  'application/manifest+json',
  'text/markdown',
  'text/plain',
];

/** The files that do not have the common headers. */
const OWN_HEADERS = ['widget.html', 'widget.js'];

/**
 * Headers of a site: those of every response, and what differs for the two files that other sites' pages use.
 * @param {Pick<Site, 'embedders' | 'connections'>} site
 */
export function headersOfSite({ embedders, connections }) {
  const options = { embedders, connections };
  const common = responseHeadersOf('index.html', options);
  const differences = OWN_HEADERS.map((file) => ({
    file,
    headers: Object.fromEntries(
      Object.entries(responseHeadersOf(file, options)).filter(([name, value]) => common[name] !== value),
    ),
  }));
  return { common, differences };
}

/**
 * What a policy means for a server's headers.
 * @param {import('../../src/policy/index.ts').Policy} policy
 * @returns {Pick<Site, 'embedders' | 'connections'>}
 */
export function headersOfPolicy({ frameAncestors, models, widget }) {
  const addresses = [...models.mirrors, ...widget.knowledge.map(({ url }) => url)];
  const connections = addresses.filter((url) => /^https?:/.test(url)).map((url) => new URL(url).origin);
  return { embedders: frameAncestors, connections: [...new Set(connections)] };
}
