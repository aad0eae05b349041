import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleGguf } from '../src/library/testing/sample-gguf.ts';

const run = promisify(execFile);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-pack-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pack = (...options: readonly string[]) =>
  run(process.execPath, ['scripts/pack.mjs', ...options]).catch((error: { stderr?: string }) => ({
    stdout: '',
    stderr: error.stderr ?? '',
  }));

it('makes a key, a pack, and says who signed it; a changed byte is found', async () => {
  const [model, key, out] = ['a.gguf', 'a.key', 'a.sotto'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(model, sampleGguf({ weightBytes: 2 ** 20 }));
  const made = await pack('--new-key', key);
  const fingerprint = /Fingerprint: ([0-9a-f ]+)/.exec(made.stdout)?.[1]?.trim();
  expect(fingerprint).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  expect((await pack('--new-key', key)).stderr).toMatch(/never overwritten/);
  expect((await pack(model, '--out', out, '--key', key, '--name', 'Mine')).stdout).toMatch(/Mine/);
  const verified = await pack('--verify', out);
  expect(verified.stdout).toMatch(/Mine \(a\), apache-2.0: whole/);
  expect(verified.stdout).toContain(fingerprint);
  const bytes = await readFile(out);
  bytes[bytes.length - 5] = bytes[bytes.length - 5]! ^ 1;
  await writeFile(out, bytes);
  expect((await pack('--verify', out)).stderr).toMatch(/pack-tampered/);
  await writeFile(out, bytes.subarray(0, -100));
  expect((await pack('--verify', out)).stderr).toMatch(/pack-truncated/);
});

it('packs all parts of a split model by one of them, and a folder with ONNX graphs', async () => {
  const [key, out] = ['b.key', 'b.sotto'].map((name) => join(folder, name)) as [string, string];
  await pack('--new-key', key);
  const whole = sampleGguf({ weightBytes: 2 ** 18 });
  const first = join(folder, 'Split Model-00001-of-00002.gguf');
  await writeFile(first, whole.subarray(0, 2 ** 17));
  expect((await pack(first, '--out', out, '--key', key)).stderr).toMatch(/00002-of-00002.gguf cannot be opened/);
  await writeFile(join(folder, 'Split Model-00002-of-00002.gguf'), whole.subarray(2 ** 17));
  expect((await pack(first, '--out', out, '--key', key)).stderr).toBe('');
  expect((await pack('--verify', out)).stdout).toMatch(/\(split-model\), apache-2.0: whole/);
  expect((await readFile(out)).subarray(-whole.length).equals(whole)).toBe(true);

  const onnx = join(folder, 'c.sotto');
  expect((await pack('e2e/tasks/fixtures/opt', '--out', onnx, '--key', key)).stderr).toBe('');
  expect((await pack('--verify', onnx)).stdout).toMatch(/opt \(opt\), unknown: whole/);
  const text = (await readFile(onnx)).toString('latin1');
  for (const path of ['onnx/model.onnx', 'onnx/model.onnx_data', 'tokenizer.json', 'config.json']) {
    expect(text).toContain(`"path":"${path}"`);
  }
});
