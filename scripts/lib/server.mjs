import { createServer } from 'node:http';
import { responseHeadersOf } from '../headers.mjs';
import { Failure } from './failure.mjs';
import { DIST } from './paths.mjs';
import { createStaticHandler } from './static-server.mjs';

/**
 * A running server.
 * @typedef {object} RunningServer
 * @property {string} url Address of the root, with the slash at the end.
 * @property {number} port
 * @property {() => Promise<void>} close Ends it and every open connection.
 */

/** "localhost" is 127.0.0.1 to some programs and ::1 to others; both must answer. */
const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Listens with one handler on every address of `host`.
 * @param {import('node:http').RequestListener} handler
 * @param {{ host?: string, port?: number }} [options] Port 0: any free one.
 * @returns {Promise<RunningServer>}
 */
export async function listen(handler, { host = 'localhost', port = 0 } = {}) {
  /** @type {import('node:http').Server[]} */
  const servers = [];
  const close = async () => {
    await Promise.all(
      servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  };
  let actualPort = port;
  for (const address of host === 'localhost' ? LOOPBACK : [host]) {
    const server = createServer(handler);
    try {
      actualPort = await bind(server, address, actualPort);
      servers.push(server);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // A machine without IPv6 is still a machine.
      if (servers.length > 0 && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
      await close();
      throw new Failure(explain(code, host, port), { cause: error });
    }
  }
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shownHost}:${actualPort}/`, port: actualPort, close };
}

/**
 * A port that is free on both loopback addresses now.
 * @returns {Promise<number>}
 */
export async function freePort() {
  const { port, close } = await listen(() => {});
  await close();
  return port;
}

/**
 * @param {import('node:http').Server} server
 * @param {string} address
 * @param {number} port
 * @returns {Promise<number>} The port it got.
 */
function bind(server, address, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: true }, () => {
      server.off('error', reject);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

/**
 * @param {unknown} code
 * @param {string} host
 * @param {number} port
 */
function explain(code, host, port) {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use: perhaps Sotto is running already. Stop what uses it, or choose another one: --port ${port + 1}.`;
  }
  if (code === 'EACCES')
    return `Port ${port} needs more rights than this account has. Choose one above 1023: --port 4173.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `"${host}" is not an address of this machine.`;
  return `Could not listen on ${host}, port ${port} (${String(code)}).`;
}

/**
 * Serves the production build with the production headers.
 * @param {{ host?: string, port?: number, directory?: string, pages?: Readonly<Record<string, string>>, embedders?: readonly string[],
 *   connections?: readonly string[] }} [options] `embedders`: origins whose pages may hold the widget. `connections`: origins of
 *   mirrors and knowledge packs.
 * @returns {Promise<RunningServer>}
 */
export function serveProduct({ directory = DIST, pages = {}, embedders = [], connections = [], ...address } = {}) {
  const headers = (/** @type {string} */ path) => responseHeadersOf(path, { embedders, connections });
  const handler = createStaticHandler({ directory, headers, pages });
  return listen(handler, address);
}
