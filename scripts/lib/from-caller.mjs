import { resolve } from 'node:path';
import process from 'node:process';

/**
 * A path as the person who typed it means it: npm runs scripts in the root of the project, wherever it was called.
 * @param {string} path
 */
export const fromCaller = (path) => resolve(process.env['INIT_CWD'] ?? '.', path);
