import { expect, test } from 'vitest';
import { type Check, runChecks } from './run-checks.mjs';

const check = (name: string, findProblems: Check['findProblems']): Check => ({ name, findProblems });

test('prints in the order of the list and tells passed from failed and from thrown', async () => {
  const lines: string[] = [];
  const results = await runChecks(
    [
      check('slow', () => new Promise((resolve) => setTimeout(() => resolve(''), 20))),
      check('broken', async () => 'a.ts:1\nb.ts:2\n'),
      check('crashed', () => Promise.reject(new Error('no such program'))),
    ],
    { atOnce: 2, print: (line) => lines.push(line) },
  );
  expect(results.map(({ isPassed }) => isPassed)).toEqual([true, false, false]);
  expect(lines.slice(0, 2)).toEqual(['✓ slow', '✗ broken\n    a.ts:1\n    b.ts:2']);
  expect(lines[2]).toContain('no such program');
});

test('never runs more at once than allowed, and all of them', async () => {
  let running = 0;
  let most = 0;
  const body = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    return '';
  };
  const results = await runChecks(
    Array.from({ length: 9 }, (_, index) => check(String(index), body)),
    { atOnce: 3, print: () => {} },
  );
  expect(most).toBe(3);
  expect(results).toHaveLength(9);
});
