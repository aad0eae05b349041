import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';

/** The sets of a flow: `flows/NAME/SET.jsonl`. @typedef {'held-out' | 'unseen' | 'fresh' | 'test'} SetName */

/** @type {readonly SetName[]} */
export const SETS = ['held-out', 'unseen', 'fresh', 'test'];

/** Every how many-th case of a flow the whole suite runs: all where rules alone decide, fewer where words are compared one by one. @type {Readonly<Record<string, number>>} */
const STEPS = { invoice: 1, redact: 1, 'search-report': 12, recommend: 12 };
const STEP = 6;

/** Whether `npm test` runs this case and holds it against the committed points. @param {string} name @param {number} index */
export const isSampled = (name, index) => index % (STEPS[name] ?? STEP) === 0;

/** @param {string} name @param {SetName} set @returns {any[]} */
export function readCases(name, set) {
  return readFileSync(join(ROOT, `flows/${name}/${set}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row));
}
