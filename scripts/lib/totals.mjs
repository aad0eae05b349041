import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './paths.mjs';

/**
 * How many tests ended in which way, and which ones failed, a line each.
 * @typedef {{ passed: number, failed: number, skipped: number, failures: readonly string[] }} Totals
 */

/**
 * One line of a failed test: where it stands, and how its message begins.
 * @param {string} file From the root of the repository; may be empty.
 * @param {string} name May be empty.
 * @param {string | undefined} message
 */
function failure(file, name, message) {
  const title = [file, name].filter((part) => part !== '').join(' › ');
  const firstLine = stripVTControlCharacters(message ?? '')
    .split('\n', 1)[0]
    ?.trim();
  return firstLine ? `${title}: ${firstLine}` : title;
}

/**
 * What Vitest's JSON report says. A file that could not even be imported holds no tests: it counts as one failed.
 * @param {any} report
 * @returns {Totals}
 */
export function totalsOfVitest(report) {
  const failures = report.testResults.flatMap((/** @type {any} */ file) => {
    const path = relative(ROOT, file.name);
    const failed = file.assertionResults.filter((/** @type {any} */ result) => result.status === 'failed');
    if (file.status === 'failed' && failed.length === 0) return [failure(path, '', file.message)];
    return failed.map((/** @type {any} */ result) => failure(path, result.fullName, result.failureMessages[0]));
  });
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

/**
 * What Playwright's JSON report says. A test that passed only when it was tried again has failed here.
 * @param {any} report
 * @returns {Totals}
 */
export function totalsOfPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return {
    passed: expected,
    failed: unexpected + flaky + report.errors.length,
    skipped,
    failures: [
      ...report.suites.flatMap(failedJourneys),
      ...report.errors.map((/** @type {any} */ error) => failure('', 'outside of tests', error.message)),
    ],
  };
}

/**
 * @param {any} suite Holds suites of its own.
 * @returns {string[]}
 */
function failedJourneys(suite) {
  const failed = suite.specs
    .filter(
      (/** @type {any} */ spec) => !spec.ok || spec.tests.some((/** @type {any} */ test) => test.status === 'flaky'),
    )
    .map((/** @type {any} */ spec) => {
      const results = spec.tests.flatMap((/** @type {any} */ test) => test.results);
      const error = results.find((/** @type {any} */ result) => result.error !== undefined)?.error;
      return failure(join('e2e', spec.file), spec.title, error?.message);
    });
  return [...failed, ...(suite.suites ?? []).flatMap(failedJourneys)];
}

/**
 * What `npm run check -- --report` wrote.
 * @param {import('../check/run-checks.mjs').CheckResult[]} report
 * @returns {Totals}
 */
export function totalsOfChecks(report) {
  const failures = report.filter(({ isPassed }) => !isPassed).map(({ name }) => name);
  return { passed: report.length - failures.length, failed: failures.length, skipped: 0, failures };
}

/**
 * Reads a report, and never believes a silent runner: no report, no test at all, or an unhappy exit code without a
 * failed test (a crash, an unhandled rejection) each count as one failed.
 * @param {string} file
 * @param {number} exitCode
 * @param {(report: any) => Totals} totalsOf
 * @returns {Totals}
 */
export function readTotals(file, exitCode, totalsOf) {
  if (!existsSync(file)) return failedAtOnce(`it ended (exit code ${exitCode}) without a report`);
  let totals;
  try {
    totals = totalsOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return failedAtOnce(`its report cannot be read: ${String(error)}`);
  }
  if (totals.failed > 0) return totals;
  if (totals.passed === 0) return { ...totals, ...failedBecause('it ran no test at all') };
  if (exitCode === 0) return totals;
  return { ...totals, ...failedBecause(`every test passed, but it ended with exit code ${exitCode}`) };
}

/**
 * A suite that told nothing of its tests counts as one failed.
 * @param {string} reason
 * @returns {Totals}
 */
export function failedAtOnce(reason) {
  return { passed: 0, skipped: 0, ...failedBecause(reason) };
}

/** @param {string} reason */
function failedBecause(reason) {
  return { failed: 1, failures: [reason] };
}

/**
 * What several suites come to.
 * @param {Readonly<Record<string, Totals>>} suites By name.
 * @returns {Totals}
 */
export function totalsTogether(suites) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    Object.values(suites).reduce((total, suite) => total + suite[key], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: Object.entries(suites).flatMap(([name, { failures }]) => failures.map((line) => `${name}: ${line}`)),
  };
}

/**
 * The closing line.
 * @param {Pick<Totals, 'passed' | 'failed' | 'skipped'>} totals
 */
export function formatTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
