import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, hashFile, makeManifest, manifestText } from './manifest.mjs';

const FOLDER = 'models/smollm2-135m-instruct';

describe('the manifest of the embedded model', () => {
  it('says what the bytes say', async () => {
    expect(readFileSync(`${FOLDER}/manifest.json`, 'utf8')).toBe(manifestText(await makeManifest(FOLDER)));
  });
});

describe('hashFile', () => {
  it('cuts at whole chunks, whatever the size', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-manifest-'));
    const file = join(folder, 'zeros');
    for (const [size, chunks] of [
      [CHUNK_BYTES - 1, 1],
      [CHUNK_BYTES, 1],
      [CHUNK_BYTES + 1, 2],
    ] as const) {
      await writeFile(file, new Uint8Array(size));
      expect((await hashFile(file)).chunks).toHaveLength(chunks);
    }
    await writeFile(file, 'abc');
    // FIPS 180-4, example of SHA-256 for "abc".
    const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await hashFile(file)).toMatchObject({ size: 3, sha256: known, chunks: [known] });
    await rm(folder, { recursive: true });
  });
});
