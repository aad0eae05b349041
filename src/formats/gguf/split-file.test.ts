import { describe, expect, it } from 'vitest';
import { MemoryByteSource, SottoError } from '../../shared/index.ts';
import { readGguf } from './read-gguf.ts';
import { type WrittenTensor, writeGguf } from './testing/gguf-writer.ts';

const tensor = (name: string, values: number[]): WrittenTensor => ({
  name,
  type: 'F32',
  dimensions: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

function part(index: number, count: number, tensors: readonly WrittenTensor[], total = 3): Uint8Array {
  return writeGguf({
    metadata: [
      ['general.name', { type: 'string', value: `part ${index}` }],
      ['split.no', { type: 'uint16', value: index }],
      ['split.count', { type: 'uint16', value: count }],
      ['split.tensors.count', { type: 'int32', value: total }],
    ],
    tensors,
  });
}

function joined(parts: readonly Uint8Array[]): MemoryByteSource {
  const whole = new Uint8Array(parts.reduce((sum, bytes) => sum + bytes.byteLength, 0));
  let at = 0;
  for (const bytes of parts) {
    whole.set(bytes, at);
    at += bytes.byteLength;
  }
  return new MemoryByteSource(whole);
}

async function failure(parts: readonly Uint8Array[]): Promise<string> {
  try {
    await readGguf(joined(parts));
    return 'no error';
  } catch (error) {
    return SottoError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

const PARTS = [part(0, 3, [tensor('a', [1, 2, 3])]), part(1, 3, [tensor('b', [4])]), part(2, 3, [tensor('c', [5, 6])])];

describe('a split file whose parts stand one behind the other', () => {
  it('is read as one table, with the metadata of the first part', async () => {
    const source = joined(PARTS);
    const { metadata, tensors } = await readGguf(source);
    expect(metadata.get('general.name')).toBe('part 0');
    expect([...tensors.keys()]).toEqual(['a', 'b', 'c']);
    for (const [name, values] of [
      ['a', [1, 2, 3]],
      ['b', [4]],
      ['c', [5, 6]],
    ] as const) {
      const { offset, byteLength } = tensors.get(name)!;
      const bytes = (await source.read(offset, byteLength)).slice();
      expect([...new Float32Array(bytes.buffer)]).toEqual(values);
    }
  });

  it('may begin with a part that holds no tensor', async () => {
    const { tensors } = await readGguf(joined([part(0, 2, [], 1), part(1, 2, [tensor('b', [4])], 1)]));
    expect([...tensors.keys()]).toEqual(['b']);
  });

  it('is refused where a part is missing, out of order, of another file or held twice, and says which', async () => {
    expect(await failure(PARTS.slice(0, 1))).toMatch(
      /^gguf-truncated: .*part 1 of 3.*part 2 is missing: open all parts/,
    );
    expect(await failure([PARTS[0]!, PARTS[2]!])).toMatch(
      /^gguf-invalid: Part 2 of 3 is needed here; this is part 3 of 3/,
    );
    expect(await failure([PARTS[1]!])).toMatch(/^gguf-invalid: Part 1 of 3 is needed/);
    expect(await failure([PARTS[0]!, part(1, 4, [tensor('b', [4])])])).toMatch(/part 2 of 4/);
    expect(await failure([PARTS[0]!, writeGguf({}), PARTS[2]!])).toMatch(/a file that is not a part/);
    expect(await failure([PARTS[0]!, part(1, 3, [tensor('a', [4])]), PARTS[2]!])).toMatch(/Two parts hold/);
    expect(await failure([part(0, 2, []), part(1, 2, [tensor('b', [4])])])).toMatch(
      /hold 1 tensors; the first part promises 3/,
    );
    expect(await failure([part(0, 999, [tensor('a', [1])])])).toMatch(/^gguf-limit/);
  });
});
