import type { GgmlTypeName } from '../../../../formats/gguf/index.ts';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { type WrittenTensor, type WrittenValue, writeGguf } from '../../../../formats/gguf/testing/gguf-writer.ts';
import { MemoryByteSource } from '../../../../shared/index.ts';
import {
  type AttentionSpec,
  type DecoderSpec,
  decoderSpecFromGguf,
  type FeedForwardSpec,
  type LayerSpec,
} from '../../../architectures/index.ts';
import { randomBlocks } from '../../blocks/testing/random-blocks.ts';

/** A llama of any size with random weights. */
export interface RandomModel {
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly layers: number;
  readonly vocabularySize: number;
  readonly contextLength?: number;
  readonly ropeDimensions?: number;
  readonly isTied?: boolean;
  /** Block type of a tensor by the last part of its name ("attn_q", "token_embd"). */
  readonly typeOf: (part: string) => GgmlTypeName;
}

/** A layer of attention and one feed-forward block. */
export interface PlainLayer extends LayerSpec {
  readonly attention: AttentionSpec;
  readonly feedForward: FeedForwardSpec;
}

/** A decoder of such layers only. */
export interface PlainSpec extends DecoderSpec {
  readonly layers: readonly PlainLayer[];
}

/** A generator of uniform numbers in [0, 1): the same for a seed on every run (mulberry32, public domain). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The model as a GGUF file, read back by the product's own reader. */
export async function randomModel(model: RandomModel, seed: number) {
  const bytes = randomModelBytes(model, seed);
  const source = new MemoryByteSource(bytes);
  const gguf = await readGguf(source);
  return { bytes, source, gguf, spec: decoderSpecFromGguf(gguf) as PlainSpec };
}

function randomModelBytes(model: RandomModel, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const { hiddenSize, feedForwardSize, heads, keyValueHeads, headSize, vocabularySize } = model;
  const tensors: WrittenTensor[] = [];
  const matrix = (name: string, part: string, columns: number, rows: number) => {
    const type = model.typeOf(part);
    tensors.push({ name, type, dimensions: [columns, rows], data: randomRows(type, rows, columns, random) });
  };
  const norm = (name: string) => {
    const values = Float32Array.from({ length: hiddenSize }, () => 0.5 + random());
    tensors.push({ name, type: 'F32', dimensions: [hiddenSize], data: new Uint8Array(values.buffer) });
  };
  matrix('token_embd.weight', 'token_embd', hiddenSize, vocabularySize);
  if (model.isTied === false) matrix('output.weight', 'output', hiddenSize, vocabularySize);
  norm('output_norm.weight');
  for (let layer = 0; layer < model.layers; layer++) {
    const add = (part: string, columns: number, rows: number) =>
      matrix(`blk.${layer}.${part}.weight`, part, columns, rows);
    norm(`blk.${layer}.attn_norm.weight`);
    norm(`blk.${layer}.ffn_norm.weight`);
    add('attn_q', hiddenSize, heads * headSize);
    add('attn_k', hiddenSize, keyValueHeads * headSize);
    add('attn_v', hiddenSize, keyValueHeads * headSize);
    add('attn_output', heads * headSize, hiddenSize);
    add('ffn_gate', hiddenSize, feedForwardSize);
    add('ffn_up', hiddenSize, feedForwardSize);
    add('ffn_down', feedForwardSize, hiddenSize);
  }
  const uint32 = (value: number): WrittenValue => ({ type: 'uint32', value });
  return writeGguf({
    metadata: [
      ['general.architecture', { type: 'string', value: 'llama' }],
      ['llama.embedding_length', uint32(hiddenSize)],
      ['llama.feed_forward_length', uint32(feedForwardSize)],
      ['llama.attention.head_count', uint32(heads)],
      ['llama.attention.head_count_kv', uint32(keyValueHeads)],
      ['llama.attention.key_length', uint32(headSize)],
      ['llama.attention.value_length', uint32(headSize)],
      ['llama.rope.dimension_count', uint32(model.ropeDimensions ?? headSize)],
      ['llama.block_count', uint32(model.layers)],
      ['llama.context_length', uint32(model.contextLength ?? 512)],
      ['llama.attention.layer_norm_rms_epsilon', { type: 'float32', value: 1e-5 }],
    ],
    tensors,
  });
}

/** Rows of random blocks whose values are spread so that a product with a vector of unit values stays near one. */
export function randomRows(type: GgmlTypeName, rows: number, columns: number, random: () => number): Uint8Array {
  const spread = 1 / Math.sqrt(columns);
  const blocks = (rows * columns) / 32;
  const plain = (bytes: number, write: (view: DataView, at: number, value: number) => void) => {
    const view = new DataView(new ArrayBuffer(rows * columns * bytes));
    for (let i = 0; i < rows * columns; i++) write(view, i * bytes, (random() * 2 - 1) * spread * 1.7);
    return new Uint8Array(view.buffer);
  };
  const quantised = (blockBytes: number, writeScales: (view: DataView, at: number) => void) => {
    const view = new DataView(new ArrayBuffer(blocks * blockBytes));
    for (let i = 0; i < view.byteLength; i++) view.setUint8(i, Math.floor(random() * 256));
    for (let block = 0; block < blocks; block++) writeScales(view, block * blockBytes);
    return new Uint8Array(view.buffer);
  };
  const factor = () => (0.5 + random()) * spread;
  switch (type) {
    case 'F32':
      return plain(4, (view, at, value) => view.setFloat32(at, value, true));
    case 'F16':
      return plain(2, (view, at, value) => view.setUint16(at, halfBits(value), true));
    case 'BF16':
      return plain(2, (view, at, value) =>
        view.setUint16(at, new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16, true),
      );
    case 'Q8_0':
      return quantised(34, (view, at) => view.setUint16(at, halfBits(factor() / 74), true));
    case 'Q4_0':
      return quantised(18, (view, at) =>
        view.setUint16(at, halfBits((factor() / 4.6) * (random() < 0.5 ? 1 : -1)), true),
      );
    case 'Q4_1':
      return quantised(20, (view, at) => {
        const scale = factor() / 4.6;
        view.setUint16(at, halfBits(scale), true);
        view.setUint16(at + 2, halfBits(-7.5 * scale * (0.9 + 0.2 * random())), true);
      });
    default:
      return randomBlocks(type, rows * columns, spread, () => Math.floor(random() * 256));
  }
}

/** The nearest normal 16-bit float, by truncation; enough for weights nobody trained. */
function halfBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent <= 0) return 0;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
