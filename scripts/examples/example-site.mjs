import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { copyRuntime, lendPackages } from './packed-library.mjs';

/** What docs/guide/headers.md recommends to sites that use frameworks: nothing leaves the origin, and threads share memory. */
export const RECOMMENDED_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Builds the examples in a folder that has the packed library (`installPacked`), as a project with Vite would; gives back
 * the folder to serve.
 * @param {string} folder
 */
export async function buildExamples(folder) {
  const { build } = await import('vite');
  const project = join(folder, 'examples');
  cpSync(join(ROOT, 'examples'), project, { recursive: true });
  lendPackages(folder);
  copyRuntime(folder, join(project, 'public/sotto'));
  await build({ root: project, configFile: join(project, 'vite.config.js'), logLevel: 'error' });
  const built = join(project, 'dist');
  cpSync(join(project, 'plain-html'), join(built, 'plain-html'), { recursive: true });
  symlinkSync(join(ROOT, 'models'), join(built, 'sotto/models'), 'junction');
  return built;
}

/**
 * @param {string} directory
 * @param {{ host?: string, port?: number }} [options]
 */
export function serveSite(directory, options) {
  return listen(createStaticHandler({ directory, headers: RECOMMENDED_HEADERS }), options);
}
