import { expect, it } from 'vitest';
import { readGguf } from '../../formats/gguf/index.ts';
import { decoderSpecFromGguf } from '../architectures/index.ts';
import { FileByteSource } from '../generation/index.ts';
import { createTokenizer } from '../text/index.ts';
import { randomModelFile } from './random-model.ts';

it('is a whole GGUF file: header, tokenizer, every tensor in its place', async () => {
  const file = randomModelFile({ kind: 'random', shape: 'tiny', quantisation: 'Q4_1' });
  const source = new FileByteSource(file, 'tiny');
  const gguf = await readGguf(source);
  const spec = decoderSpecFromGguf(gguf);
  expect(spec).toMatchObject({ architecture: 'llama', hiddenSize: 64, vocabularySize: 512, isTied: true });
  expect(spec.layers).toHaveLength(2);
  expect(createTokenizer(gguf).encode([{ kind: 'text', text: 'ab c' }])).toHaveLength(4);
  const last = [...gguf.tensors.values()].at(-1)!;
  expect((await source.read(last.offset, last.byteLength)).some((byte) => byte !== 0)).toBe(true);
});

it('is large without taking room: a gigabyte of the 1.5B shape is made in a moment', async () => {
  const file = randomModelFile({ kind: 'random', shape: '1.5b', quantisation: 'Q4_K' });
  expect(file.size).toBeGreaterThan(900e6);
  const gguf = await readGguf(new FileByteSource(file, '1.5b'));
  expect(gguf.tensors.get('blk.27.ffn_down.weight')).toMatchObject({ type: 'Q4_K', dimensions: [8_960, 1_536] });
});

it('makes the shape of Qwen3-1.7B in one bit: 246 MB', async () => {
  const file = randomModelFile({ kind: 'random', shape: '1.7b', quantisation: 'Q1_0' });
  expect(Math.round(file.size / 1e6)).toBe(246);
  const gguf = await readGguf(new FileByteSource(file, '1.7b'));
  const spec = decoderSpecFromGguf(gguf);
  expect(spec).toMatchObject({ architecture: 'qwen3', hiddenSize: 2_048, isTied: true });
  expect(spec.layers[0]!.attention).toMatchObject({ heads: 16, keyValueHeads: 8, headSize: 128 });
});
