import { plain } from './grading.mjs';

/**
 * A case of one task alone: what it gets, and what a sensible person expects of its result.
 * @typedef {{ task: string, given: Record<string, string>, settings?: object, expect: Record<string, any> }} TaskCase
 */

/** What a result is worth, 0 to 1. @type {Readonly<Record<string, (expect: any, result: any) => number>>} */
const GRADES = {
  // "?": no language can be named of it.
  'task.language': ({ language }, result) =>
    Number(language === '?' ? !(result.score >= 0.2) : result.language === language),
  'task.moderate': ({ flagged }, result) => Number(!result.isFine === flagged),
  'expert.classify': ({ label }, result) => Number((result.label ?? 'unknown') === label),
  'task.zero-shot': ({ label }, result) => Number(result.label === label),
  // Right: every name that is due was found as that kind, and no other was named as a person, an organisation or money.
  'task.entities': ({ byKind }, { entities }) => {
    const found = entities.map((/** @type {any} */ { kind, text }) => `${kind}: ${plain(text)}`);
    const due = Object.entries(byKind).flatMap(([kind, values]) =>
      values.map((/** @type {string} */ value) => `${kind}: ${plain(value)}`),
    );
    const extra = found.filter(
      (/** @type {string} */ one) => /^(?:person|organisation|money):/.test(one) && !due.includes(one),
    );
    const right = due.filter((one) => found.includes(one));
    return due.length + extra.length === 0 ? 1 : right.length / (due.length + extra.length);
  },
};

/** @param {TaskCase} one @param {any} result */
export function gradeTask({ task, expect }, result) {
  const grade = GRADES[task];
  if (grade === undefined) throw new Error(`No grade is defined for ${task}.`);
  return grade(expect, result);
}

/**
 * Runs one task in the page; a failure comes back as a value.
 * @param {import('playwright').Page} page
 * @param {TaskCase} one
 * @returns {Promise<{ result?: any, error?: string }>}
 */
export function runTask(page, { task, given, settings = {} }) {
  return page.evaluate(
    async ([name, input, options]) => {
      try {
        return { result: await /** @type {any} */ (globalThis).sotto.tasks.run(name, input, options) };
      } catch (/** @type {any} */ error) {
        return { error: String(error?.message ?? error) };
      }
    },
    /** @type {const} */ ([task, given, settings]),
  );
}
