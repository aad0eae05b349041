import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository, without a slash at the end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** The production build. */
export const DIST = join(ROOT, 'dist');

/** What the commands keep between runs (browser profiles, reports, stamps). Safe to delete at any time. */
export const CACHE = join(ROOT, 'node_modules', '.cache', 'sotto');
