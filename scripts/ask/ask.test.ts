import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { Failure } from '../lib/failure.mjs';
import { parsePrompts, readOptions } from './options.mjs';
import { createOutput } from './output.mjs';
import { takeProfile } from './profile.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-ask-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('options reach the library under its own names', () => {
  const options = readOptions([
    '--max-tokens',
    '9',
    '--temperature',
    '0',
    '--seed',
    '7',
    '--threads',
    '2',
    '--backend',
    'cpu',
    '--system',
    'Be brief.',
    'Why',
    'me?',
  ]);
  expect(options).toMatchObject({
    model: { id: 'smollm2-135m-instruct' },
    load: { backend: 'cpu', threads: 2 },
    sampling: { max_tokens: 9, temperature: 0, seed: 7 },
    questions: [{ prompt: 'Why me?', system: 'Be brief.' }],
  });
});

test('what is not asked for is left to the product', () => {
  const { load, sampling, questions } = readOptions(['Hi']);
  expect({ load, sampling, questions }).toEqual({ load: {}, sampling: {}, questions: [{ prompt: 'Hi' }] });
});

test('a path is a file on disk, a plain name is a model of the catalogue', () => {
  const path = join(folder, 'own.gguf');
  writeFileSync(path, 'GGUF');
  expect(readOptions(['--model', path, 'Hi']).model).toEqual({ path, name: 'own.gguf', parts: [path] });
  expect(readOptions(['--model', 'other', 'Hi']).model).toEqual({ id: 'other' });
});

test('any part of a split model stands for all of them, and a missing one is named', () => {
  const parts = [1, 2].map((number) => join(folder, `split-0000${number}-of-00002.gguf`));
  for (const part of parts) writeFileSync(part, 'GGUF');
  for (const part of parts) expect(readOptions(['--model', part, 'Hi']).model).toMatchObject({ parts });
  const torn = join(folder, 'torn-00001-of-00002.gguf');
  writeFileSync(torn, 'GGUF');
  expect(() => readOptions(['--model', torn, 'Hi'])).toThrow(
    /torn-00002-of-00002\.gguf" of this split model is missing/,
  );
});

test('a folder is all that it says of its model, and needs its settings', () => {
  const path = join(folder, 'published');
  mkdirSync(path);
  writeFileSync(join(path, 'model.safetensors'), '');
  writeFileSync(join(path, 'README.md'), '');
  expect(() => readOptions(['--model', path, 'Hi'])).toThrow(/no config\.json/);
  writeFileSync(join(path, 'config.json'), '{}');
  const parts = ['config.json', 'model.safetensors'].map((name) => join(path, name));
  expect(readOptions(['--model', path, 'Hi']).model).toEqual({ path, name: 'published', parts });
});

test('a relative path counts from where npm was called', () => {
  const path = join(folder, 'beside.gguf');
  writeFileSync(path, 'GGUF');
  vi.stubEnv('INIT_CWD', folder);
  expect(readOptions(['--model', './beside.gguf', 'Hi']).model).toEqual({ path, name: 'beside.gguf', parts: [path] });
  vi.unstubAllEnvs();
});

test.each([
  [[], /What should be asked/],
  [['--temperature', '3', 'Hi'], /--temperature/],
  [['--max-tokens', '0', 'Hi'], /--max-tokens/],
  [['--backend', 'gpu', 'Hi'], /--backend/],
  [['--raw', '--system', 'x', 'Hi'], /--system/],
  [['--model', 'gone.gguf', 'Hi'], /gone\.gguf/],
  [['--prompts', 'gone.jsonl'], /gone\.jsonl/],
  [['--prompts', '-', 'Hi'], /not both/],
  [['--nonsense', 'Hi'], /--nonsense/],
])('%j is refused with a sentence', (parameters, message) => {
  expect(() => readOptions(parameters)).toThrow(message);
  expect(() => readOptions(parameters)).toThrow(Failure);
});

test('prompts come a line each, and a bad line is named by its number', () => {
  const text = '\uFEFF{"prompt": "a"}\r\n\n{"prompt": "b", "system": "s"}\n';
  expect(parsePrompts(text, 'file')).toEqual([{ prompt: 'a' }, { prompt: 'b', system: 's' }]);
  expect(() => parsePrompts('{"prompt": "a"}\n\n{"prompt": 1}', 'file')).toThrow('file, line 3');
  expect(() => parsePrompts('{', 'file')).toThrow('file, line 1');
  expect(readOptions(['--prompts', '-', '--system', 'x'], () => text).questions).toEqual([
    { prompt: 'a', system: 'x' },
    { prompt: 'b', system: 's' },
  ]);
});

test('with --json stdout holds one object a prompt and nothing else', () => {
  const stdout: string[] = [];
  const collect = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0, isTTY: true });
  const output = createOutput({ wantsJson: true, stdout: collect(stdout), stderr: collect([]) });
  output.progress({ type: 'download-progress', loadedBytes: 1, totalBytes: 2 });
  output.loaded();
  output.text('Hyper');
  output.answer({ text: 'Hyper' });
  output.error({ code: 'prompt-too-long', message: 'too long', userAction: 'Shorten it.' });
  expect(stdout.map((line) => JSON.parse(line))).toEqual([
    { text: 'Hyper' },
    { error: { code: 'prompt-too-long', message: 'too long', userAction: 'Shorten it.' } },
  ]);
});

test('two runs never share a profile, and a dead owner does not keep it', () => {
  const first = takeProfile(folder);
  const second = takeProfile(folder);
  expect(second.directory).not.toBe(first.directory);
  first.release();
  const third = takeProfile(folder);
  expect(third.directory).toBe(first.directory);
  third.release();
  writeFileSync(`${first.directory}.lock`, '999999999');
  expect(takeProfile(folder).directory).toBe(first.directory);
});
