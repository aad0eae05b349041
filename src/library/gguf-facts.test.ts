import { expect, it } from 'vitest';
import type { GgufFile, GgufTensor, GgufValue } from '../formats/index.ts';
import { ggufFacts } from './gguf-facts.ts';

function header(architecture: string, own: Readonly<Record<string, GgufValue>>, tensors: readonly string[]): GgufFile {
  const metadata = new Map<string, GgufValue>([['general.architecture', architecture]]);
  for (const [key, value] of Object.entries(own)) metadata.set(`${architecture}.${key}`, value);
  const tensor = (name: string): GgufTensor => ({ name, type: 'F32', dimensions: [64], offset: 0, byteLength: 256 });
  return {
    version: 3,
    metadata,
    tensors: new Map(tensors.map((name) => [name, tensor(name)])),
    dataOffset: 0,
    alignment: 32,
  };
}

const ATTENTION = {
  block_count: 4,
  'attention.head_count': 4,
  'attention.head_count_kv': 2,
  'attention.key_length': 64,
  'attention.value_length': 64,
  embedding_length: 1024,
};

it('counts states in the place of keys and values where layers carry those instead', async () => {
  const own = {
    ...ATTENTION,
    'ssm.inner_size': 2048,
    'ssm.state_size': 128,
    'ssm.group_count': 16,
    'ssm.conv_kernel': 4,
  };
  const layers = [0, 1, 2].map((layer) => `blk.${layer}.ssm_out.weight`);
  const { memory } = await ggufFacts(header('qwen35', own, [...layers, 'blk.3.attn_output.weight']), 1000);
  expect(memory.cacheBytesPerToken).toBe(2 * (64 + 64) * 2);
  const state = 2048 * 128 * 4 + 3 * (2048 + 2 * 16 * 128) * 4;
  // As many as the engines hold of small states.
  expect(memory.workingBytes).toBe(200 + 3 * state * 17);
  const beside = await ggufFacts(
    header('falcon-h1', own, [...layers, ...layers.map((name) => name.replace('ssm_out', 'attn_output'))]),
    1000,
  );
  expect(beside.memory.cacheBytesPerToken).toBe(4 * 2 * (64 + 64) * 2);
});

it('counts the inputs that short convolutions hold', async () => {
  const { memory } = await ggufFacts(header('lfm2', ATTENTION, ['blk.0.shortconv.conv.weight']), 1000);
  expect(memory.workingBytes).toBe(200 + 128 * 1024 * 4);
});

it('counts what the GPU keeps of the inputs of all layers', async () => {
  const graphicsOf = async (gguf: GgufFile) => (await ggufFacts(gguf, 1000)).memory.graphicsBytes!;
  const plain = header('gemma4', ATTENTION, ['token_embd.weight']);
  const name = 'per_layer_token_embd.weight';
  const table: GgufTensor = { name, type: 'Q5_K', dimensions: [35 * 256, 4], offset: 0, byteLength: 24_640 };
  const fed = { ...plain, tensors: new Map([...plain.tensors, [name, table]]) };
  // A chunk's projections lie where those of attention do, and what becomes of them in a buffer of its own.
  const chunk = 1024 * 4 * 35 * 256;
  expect((await graphicsOf(fed)) - (await graphicsOf(plain))).toBe(2 * chunk - 1024 * 4 * 2304);
});
