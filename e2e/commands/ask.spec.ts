import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from '../kit/index.ts';

const run = promisify(execFile);

const KEYS = ['text', 'tokenIds', 'promptTokenIds', 'finishReason', 'backend', 'threads', 'model', 'timings'];
const TIMINGS = ['loadMs', 'firstTokenMs', 'prefillTokensPerSecond', 'decodeTokensPerSecond'];

async function ask(...parameters: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['scripts/ask.mjs', ...parameters], { timeout: 110_000 });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, code };
  }
}

test('ask answers from the real model, in the documented shape', async () => {
  const { stdout, code } = await ask('--json', '--temperature', '0', 'What does HTTP stand for?');
  expect(code).toBe(0);
  const answer = JSON.parse(stdout);
  expect(Object.keys(answer).sort()).toEqual([...KEYS].sort());
  expect(Object.keys(answer.timings).sort()).toEqual([...TIMINGS].sort());
  expect(answer.text).toMatch(/hypertext transfer protocol/i);
  expect(answer).toMatchObject({ backend: 'cpu', model: 'smollm2-135m-instruct', finishReason: 'stop' });
  expect(answer.tokenIds.length).toBeGreaterThan(3);
});

test('ask reads many prompts, a file from disk and raw text, and gives the same text for the same seed', async () => {
  const prompts = test.info().outputPath('prompts.jsonl');
  await writeFile(prompts, '{"prompt":"The capital of France is"}\n{"prompt":"The capital of France is"}\n');
  const weights = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
  const options = ['--model', weights, '--raw', '--seed', '7', '--temperature', '0.8', '--max-tokens', '12'];
  const { stdout, code } = await ask('--json', ...options, '--prompts', prompts);
  expect(code).toBe(0);
  const [first, second, ...rest] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rest).toEqual([]);
  expect(first.tokenIds).toEqual(second.tokenIds);
  expect(first.promptTokenIds).toHaveLength(5);
  expect(first.tokenIds).toHaveLength(12);
});

test('ask says what is wrong', async () => {
  const missing = await ask('--json', '--model', 'no-such-file.gguf', 'Hello');
  expect(missing.code).toBe(1);
  expect(JSON.parse(missing.stdout).error).toMatchObject({ code: expect.any(String), userAction: expect.any(String) });
  const unknown = await ask('--model', 'no-such-model', 'Hello');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('no-such-model');
});
