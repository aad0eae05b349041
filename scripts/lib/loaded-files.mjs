import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const LINKED = /(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g;
/** Static imports and re-exports as the bundler writes them; `import(…)` comes later, and is not among them. */
const IMPORTED = /(?:^|[;}\s])(?:import|export)(?:[^"'();]*?from)?\s*["'](\.[^"']+\.js)["']/g;

/**
 * Files of the build that come with a page or a script before anything else is asked for: what it names, and all that those
 * import. Paths from where npm was called.
 * @param {string} folder of the build
 * @param {string} entry an HTML page or a script in it
 * @returns {string[]}
 */
export function loadedFiles(folder, entry) {
  const found = new Set([join(folder, entry)]);
  for (const file of found) {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.html')) for (const [, path = ''] of text.matchAll(LINKED)) found.add(join(folder, path));
    if (file.endsWith('.js')) for (const [, path = ''] of text.matchAll(IMPORTED)) found.add(join(dirname(file), path));
  }
  return [...found].map((file) => relative(process.cwd(), file));
}
