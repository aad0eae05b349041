import { existsSync, readFileSync } from 'node:fs';

/**
 * How many tests ended in which way.
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 */

/**
 * What Vitest's JSON report says. A file that could not even be imported holds no tests: it counts as one failed.
 * @param {any} report
 * @returns {Totals}
 */
export function totalsOfVitest(report) {
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((/** @type {any} */ result) => result.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * What Playwright's JSON report says. A test that passed only when it was tried again has failed here.
 * @param {any} report
 * @returns {Totals}
 */
export function totalsOfPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/**
 * What `npm run check -- --report` wrote.
 * @param {import('../check/run-checks.mjs').CheckResult[]} report
 * @returns {Totals}
 */
export function totalsOfChecks(report) {
  const passed = report.filter(({ isPassed }) => isPassed).length;
  return { passed, failed: report.length - passed, skipped: 0 };
}

/**
 * Reads a report, and never believes a silent runner: no report, no test at all, or an unhappy exit code without a
 * failed test (a crash, an unhandled rejection) each count as one failed.
 * @param {string} file
 * @param {number} exitCode
 * @param {(report: any) => Totals} totalsOf
 * @returns {Totals & { reason?: string }}
 */
export function readTotals(file, exitCode, totalsOf) {
  if (!existsSync(file))
    return { passed: 0, failed: 1, skipped: 0, reason: `it ended (exit code ${exitCode}) without a report` };
  let totals;
  try {
    totals = totalsOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, reason: `its report cannot be read: ${String(error)}` };
  }
  if (totals.passed + totals.failed === 0) return { ...totals, failed: 1, reason: 'it ran no test at all' };
  if (exitCode !== 0 && totals.failed === 0) {
    return { ...totals, failed: 1, reason: `every test passed, but it ended with exit code ${exitCode}` };
  }
  return totals;
}

/**
 * The closing line.
 * @param {Totals} totals
 */
export function formatTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
