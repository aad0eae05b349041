import { createHash } from 'node:crypto';
import { openAsBlob, readFileSync } from 'node:fs';
import { gguf } from '@huggingface/gguf';
import { describe, expect, it } from 'vitest';
import { BlobByteSource, type ByteSource } from '../../shared/index.ts';
import { ggmlTypes } from './ggml-types.ts';
import { readGguf } from './read-gguf.ts';
import type { GgufValue } from './types.ts';

const MODEL = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

interface Golden {
  readonly version: number;
  readonly alignment: number;
  readonly dataOffset: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: readonly (readonly [string, string, readonly number[], number, number])[];
  readonly blockTypes: Readonly<Record<string, readonly [number, number, number]>>;
}
const golden = JSON.parse(readFileSync('scripts/goldens/gguf-table.json', 'utf8')) as Golden;

function goldenRow(value: GgufValue): unknown {
  if (typeof value !== 'object') return value;
  const items = Array.from(value as ArrayLike<unknown>);
  return { length: items.length, sha256: createHash('sha256').update(JSON.stringify(items)).digest('hex') };
}

describe('the embedded model', () => {
  it('reads as the Python gguf package reads it', async () => {
    const file = await readGguf(new BlobByteSource(await openAsBlob(MODEL)));
    expect(file.version).toBe(golden.version);
    expect(file.alignment).toBe(golden.alignment);
    expect(file.dataOffset).toBe(golden.dataOffset);
    expect(Object.fromEntries([...file.metadata].map(([key, value]) => [key, goldenRow(value)]))).toEqual(
      golden.metadata,
    );
    const rows = [...file.tensors.values()].map((t) => [t.name, t.type, t.dimensions, t.offset, t.byteLength]);
    expect(rows).toEqual(golden.tensors);
  });

  it('reads as @huggingface/gguf reads it', async () => {
    const file = await readGguf(new BlobByteSource(await openAsBlob(MODEL)));
    const peer = await gguf(MODEL, { allowLocalFile: true });
    const expected = new Map(Object.entries(peer.metadata));
    for (const [key, value] of file.metadata) {
      const theirs = expected.get(key);
      expect(typeof value === 'object' ? Array.from(value as ArrayLike<unknown>) : value, key).toEqual(
        typeof theirs === 'bigint' ? Number(theirs) : theirs,
      );
    }
    expect([...file.tensors.values()].map((t) => [t.name, t.dimensions])).toEqual(
      peer.tensorInfos.map((info) => [info.name, info.shape.map(Number)]),
    );
    expect(file.dataOffset).toBe(Number(peer.tensorDataOffset));
  });

  it('asks the source for the header and no further than one step beyond it', async () => {
    const blob = new BlobByteSource(await openAsBlob(MODEL));
    let end = 0;
    let total = 0;
    const counting: ByteSource = {
      size: blob.size,
      read(offset, length) {
        end = Math.max(end, offset + length);
        total += length;
        return blob.read(offset, length);
      },
    };
    const file = await readGguf(counting);
    expect(end).toBeLessThanOrEqual(file.dataOffset + 2 ** 20);
    expect(total).toBe(end);
  });
});

describe('block types', () => {
  it('have the ids and sizes that ggml reports', () => {
    for (const { name, id, blockLength, blockBytes } of ggmlTypes()) {
      expect([id, blockLength, blockBytes], name).toEqual(golden.blockTypes[name]);
    }
  });
});
