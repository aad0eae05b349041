import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './paths.mjs';
import {
  formatTotals,
  readTotals,
  totalsOfChecks,
  totalsOfPlaywright,
  totalsOfVitest,
  totalsTogether,
} from './totals.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-totals-'));
afterAll(() => rmSync(folder, { recursive: true }));

function reportOf(content: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('counts a test file that could not be imported as failed, and says of each failure where and how it begins', () => {
  const file = (name: string, status: string, assertionResults: object[], message = '') => ({
    name: join(ROOT, name),
    status,
    assertionResults,
    message,
  });
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      file('a.test.ts', 'passed', [{ status: 'passed' }]),
      file('b.test.ts', 'failed', [
        {
          status: 'failed',
          fullName: 'adds',
          failureMessages: ['\u001b[31mError: 3, not 4\u001b[39m\n    at b.test.ts'],
        },
      ]),
      file('c.test.ts', 'failed', [], 'no such module'),
    ],
  };
  expect(totalsOfVitest(report)).toEqual({
    passed: 3,
    failed: 2,
    skipped: 2,
    failures: ['b.test.ts › adds: Error: 3, not 4', 'c.test.ts: no such module'],
  });
});

test('counts a flaky journey and an error outside of tests as failed, and names them', () => {
  const spec = (title: string, ok: boolean, status: string, message?: string) => ({
    title,
    ok,
    file: 'chat.spec.ts',
    tests: [{ status, results: [{ error: message === undefined ? undefined : { message } }, {}] }],
  });
  const report = {
    stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
    suites: [
      {
        specs: [spec('answers', true, 'expected')],
        suites: [{ specs: [spec('stops', false, 'unexpected', 'too late')] }],
      },
      { specs: [spec('returns', true, 'flaky', 'first not')] },
    ],
    errors: [{ message: 'no server' }],
  };
  const totals = totalsOfPlaywright(report);
  expect(totals).toMatchObject({ passed: 4, failed: 3, skipped: 2 });
  expect(totals.failures.map((line) => line.replaceAll('\\', '/'))).toEqual([
    'e2e/chat.spec.ts › stops: too late',
    'e2e/chat.spec.ts › returns: first not',
    'outside of tests: no server',
  ]);
});

test('a runner that says nothing, runs nothing or crashes after its tests has failed', () => {
  const passed = [{ name: 'a', isPassed: true }];
  expect(readTotals(join(folder, 'gone.json'), 0, totalsOfChecks)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf([]), 0, totalsOfChecks)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf('{'), 1, totalsOfVitest)).toMatchObject({ passed: 0, failed: 1 });
  expect(readTotals(reportOf(passed), 1, totalsOfChecks)).toMatchObject({ passed: 1, failed: 1 });
  expect(readTotals(reportOf(passed), 0, totalsOfChecks)).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [] });
});

test('failures of all suites stand together, each with the name of its suite', () => {
  const check = totalsOfChecks([
    { name: 'format', isPassed: false },
    { name: 'types', isPassed: true },
  ]);
  const unit = readTotals(join(folder, 'gone.json'), 7, totalsOfVitest);
  expect(totalsTogether({ check, unit })).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: ['check: format', 'unit: it ended (exit code 7) without a report'],
  });
});

test('the closing line names skipped tests only when there are some', () => {
  expect(formatTotals({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
  expect(formatTotals({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
});
