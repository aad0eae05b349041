import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatTotals, readTotals, totalsOfChecks, totalsOfPlaywright, totalsOfVitest } from './totals.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-totals-'));
afterAll(() => rmSync(folder, { recursive: true }));

function reportOf(content: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('counts a test file that could not be imported as failed', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(totalsOfVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test('counts a flaky journey and an error outside of tests as failed', () => {
  const report = { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] };
  expect(totalsOfPlaywright(report)).toEqual({ passed: 4, failed: 3, skipped: 2 });
});

test('a runner that says nothing, runs nothing or crashes after its tests has failed', () => {
  const passed = [{ name: 'a', isPassed: true }];
  expect(readTotals(join(folder, 'gone.json'), 0, totalsOfChecks)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf([]), 0, totalsOfChecks)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf('{'), 1, totalsOfVitest)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf(passed), 1, totalsOfChecks)).toMatchObject({ passed: 1, failed: 1 });
  expect(readTotals(reportOf(passed), 0, totalsOfChecks)).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test('the closing line names skipped tests only when there are some', () => {
  expect(formatTotals({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
  expect(formatTotals({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
});
