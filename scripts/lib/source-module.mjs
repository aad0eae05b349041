import { ROOT } from './paths.mjs';

/**
 * A module of src/, for commands that must judge as the product does. Only for rooms that need no browser.
 * @template [T=any]
 * @param {string} path Below the repository's root.
 * @returns {Promise<T>}
 */
export async function sourceModule(path) {
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(`/${path}`, { root: ROOT, configFile: false, logLevel: 'error' });
  return /** @type {T} */ (module);
}
