import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { adviceOn, checkPolicyText } from './check.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto policy '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a problem is told with its line, its column and what to do', async () => {
  const text = '{\n  "policyVersion": 1,\n  "features": { "imports": false },\n  "telemetry": "full"\n}\n';
  const { policy, problems } = await checkPolicyText(text);
  expect(policy).toBeNull();
  expect(problems.map(({ line, column, place }) => [line, column, place])).toEqual([
    [3, 17, 'features.imports'],
    [4, 3, 'telemetry'],
  ]);
});

test('what is no JSON is told where it stops being some', async () => {
  const { problems } = await checkPolicyText('{ "policyVersion": 1, }');
  expect(problems).toMatchObject([{ line: 1, column: 23 }]);
  expect((await checkPolicyText('')).problems).toHaveLength(1);
});

test('what passes and may not be meant is advised on', async () => {
  const { policy } = await checkPolicyText(
    '{"policyVersion":1,"models":{"allowed":[{"id":"unheard-of"}]},"frameAncestors":["https://*.example"]}',
  );
  if (policy === null) throw new Error('no policy');
  const advice = adviceOn(policy, join(ROOT, 'models/catalogue.json')).join('\n');
  expect(advice).toMatch(/no "unheard-of"/);
  expect(advice).toMatch(/star/);
});

test('the command makes a key, signs with it, and finds what was changed afterwards', async () => {
  const key = join(folder, 'key.pem');
  const file = join(folder, 'a policy.json');
  writeFileSync(file, '{"policyVersion":1,"retentionDays":30}');
  const command = (...parameters: string[]) => run(process.execPath, ['scripts/policy.mjs', ...parameters]);
  expect((await command('key', key)).output.trim()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect((await command('sign', file, '--key', key)).exitCode).toBe(0);
  expect(await command('check', file, '--json')).toMatchObject({ exitCode: 0 });
  writeFileSync(file, readFileSync(file, 'utf8').replace('30', '31'));
  const { exitCode, output } = await command('check', file, '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ isValid: false, signature: 'wrong' });
});
