import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { makeKey, publicKeyText } from '../../scripts/policy/keys.mjs';
import { readPack } from '../../src/formats/knowledge-pack/index.ts';
import { isSignedBy, signedText } from '../../src/policy/index.ts';

function knowledge(...parameters: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/knowledge.mjs', ...parameters], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

let folder = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-knowledge-'));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

test('a folder becomes a signed pack whose passages and vectors a widget can read; what is no document is named', async () => {
  const documents = join(folder, 'handbook');
  mkdirSync(documents);
  writeFileSync(join(documents, 'leave.md'), '# Leave\n\nEvery employee has thirty days of paid holiday a year.\n');
  writeFileSync(join(documents, 'wifi.html'), '<h1>Wi-Fi</h1><p>The password is on the back of your badge.</p>');
  writeFileSync(join(documents, 'empty.txt'), '');
  const keyFile = join(folder, 'key.pem');
  const key = makeKey(keyFile);
  const out = join(folder, 'handbook.pack');
  const base = 'https://intranet.example/handbook/';
  const ran = await knowledge(documents, '--out', out, '--base', base, '--version', '7', '--key', keyFile);
  expect(ran.exitCode, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(/passed over: empty\.txt/);

  const { header, rawHeader, passages, vectors } = await readPack(new Uint8Array(readFileSync(out)));
  expect(header).toMatchObject({ name: 'handbook', version: '7', model: 'all-minilm-l6-v2', dimensions: 384 });
  expect(header.documents).toEqual([
    { id: 'leave.md', title: 'Leave', url: `${base}leave.md` },
    { id: 'wifi.html', title: 'Wi-Fi', url: `${base}wifi.html` },
  ]);
  expect(passages.map(({ text }) => text).join(' ')).toMatch(/thirty days.*back of your badge/s);
  expect(header.signature?.publicKey).toBe(publicKeyText(key));
  expect(await isSignedBy(header.signature!, signedText(rawHeader))).toBe(true);
  expect(vectors?.length).toBe(384 * passages.length);
  for (let row = 0; row < passages.length; row++) {
    expect(Math.hypot(...vectors!.subarray(row * 384, (row + 1) * 384))).toBeCloseTo(1, 3);
  }

  const nothing = join(folder, 'nothing');
  mkdirSync(nothing);
  for (const [parameters, message] of [
    [[documents], /--out/],
    [[nothing, '--out', out], /no document/],
    [[join(folder, 'gone'), '--out', out], /no folder/],
    [[documents, '--out', out, '--base', 'intranet'], /--base/],
    [[documents, '--out', out, '--key', join(documents, 'leave.md')], /no private key/],
  ] as const) {
    const failed = await knowledge(...parameters);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(message);
  }
});
