import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../../scripts/lib/paths.mjs';

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function ask(...parameters: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/ask.mjs', ...parameters], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

let folder = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-ask-'));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

test('one object a prompt, with exactly the documented keys, and errors among them', async () => {
  const prompts = join(folder, 'prompts.jsonl');
  writeFileSync(
    prompts,
    '{"prompt": "What does HTTP stand for?"}\n{"prompt": " "}\n{"prompt": "What does HTTP stand for?"}\n',
  );
  const { exitCode, stdout } = await ask('--json', '--temperature', '0', '--max-tokens', '12', '--prompts', prompts);
  const [first, empty, second, ...more] = linesOf(stdout);
  expect(more).toEqual([]);
  expect(Object.keys(first ?? {}).sort()).toEqual(
    ['backend', 'finishReason', 'model', 'promptTokenIds', 'text', 'threads', 'timings', 'tokenIds'].sort(),
  );
  expect(Object.keys((first?.['timings'] ?? {}) as object).sort()).toEqual(
    ['decodeTokensPerSecond', 'firstTokenMs', 'loadMs', 'prefillTokensPerSecond'].sort(),
  );
  expect(first).toMatchObject({ backend: 'cpu', model: 'smollm2-135m-instruct', finishReason: 'length' });
  expect(first?.['text']).toMatch(/hypertext transfer protocol/i);
  expect(first?.['tokenIds']).toHaveLength(12);
  expect(empty).toMatchObject({ error: { code: 'empty-prompt' } });
  expect(second?.['text']).toBe(first?.['text']);
  expect(exitCode).toBe(1);
});

test('a file on disk is continued as it stands, streamed as text', async () => {
  const model = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
  const options = ['--raw', '--temperature', '0', '--max-tokens', '3', '--threads', '1', '--model', model];
  const { exitCode, stdout } = await ask(...options, 'The capital of France is');
  expect(stdout).toMatch(/^ Paris/);
  expect(exitCode).toBe(0);
});

test('a file that is no model is a coded error; without --json a sentence on stderr', async () => {
  const model = join(folder, 'page.gguf');
  writeFileSync(model, '<!doctype html><title>Sign in</title>');
  const asJson = await ask('--json', '--model', model, 'Hi');
  expect(linesOf(asJson.stdout)).toMatchObject([{ error: { code: 'gguf-invalid', userAction: expect.any(String) } }]);
  expect(asJson.exitCode).toBe(1);
  const asText = await ask('--model', 'nowhere', 'Hi');
  expect(asText).toMatchObject({ exitCode: 1, stdout: '' });
  expect(asText.stderr).toContain('nowhere');
});
