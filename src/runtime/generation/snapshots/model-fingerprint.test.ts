import { expect, it } from 'vitest';
import type { GgufFile } from '../../../formats/gguf/index.ts';
import { type ByteSource, MemoryByteSource } from '../../../shared/index.ts';
import { modelFingerprint } from './model-fingerprint.ts';

const gguf = { dataOffset: 100 } as GgufFile;
const source = (change?: (bytes: Uint8Array) => void) => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) & 255);
  change?.(bytes);
  return new MemoryByteSource(bytes);
};

it('is the same for the same bytes, another for other weights or another header', async () => {
  const name = await modelFingerprint(gguf, source());
  expect(await modelFingerprint(gguf, source())).toBe(name);
  const others = [
    source((bytes) => bytes.set([1], 50)),
    source((bytes) => bytes.fill(7, 1_000_000, 1_100_000)),
    source((bytes) => bytes.set([1], 2_999_999)),
    new MemoryByteSource(new Uint8Array(10)),
  ];
  for (const other of others) expect(await modelFingerprint(gguf, other)).not.toBe(name);
});

it('is taken from the hashes where the content was verified by them', async () => {
  const named = (contentName: string): ByteSource => ({
    contentName,
    size: 5,
    read: () => Promise.reject(new Error('must not be read')),
  });
  expect(await modelFingerprint(gguf, named('a'))).toBe(await modelFingerprint(gguf, named('a')));
  expect(await modelFingerprint(gguf, named('a'))).not.toBe(await modelFingerprint(gguf, named('b')));
});
