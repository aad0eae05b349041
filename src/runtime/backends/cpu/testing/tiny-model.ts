import type { GgmlTypeName, GgufFile, GgufTensor } from '../../../../formats/gguf/types.ts';
import { type ByteSource, MemoryByteSource } from '../../../../shared/index.ts';
import { type DecoderSpec, decoderSpecFromGguf } from '../../../architectures/index.ts';
import { ScalarDecoder } from '../../reference/index.ts';
import { kernelTypeOf } from '../kernel-types.ts';

export interface TinyModel {
  readonly gguf: GgufFile;
  readonly spec: DecoderSpec;
  readonly source: ByteSource;
  /** Logits after each token, in plain arithmetic without any quantised activation or cache. */
  readonly exactLogits: (tokens: readonly number[]) => Float64Array[];
}

const VOCABULARY = 51;
const HIDDEN = 64;
const FEED_FORWARD = 96;

/** Every block type, and in layer 0 no two neighbours alike: gate and up of different sizes must still interleave. */
const TYPES: Readonly<Record<string, GgmlTypeName>> = {
  'token_embd.weight': 'Q4_1',
  'blk.0.attn_q.weight': 'Q4_0',
  'blk.0.attn_k.weight': 'Q8_0',
  'blk.0.attn_v.weight': 'F16',
  'blk.0.attn_output.weight': 'Q4_1',
  'blk.0.ffn_gate.weight': 'Q4_1',
  'blk.0.ffn_up.weight': 'Q8_0',
  'blk.0.ffn_down.weight': 'F16',
  'blk.1.attn_q.weight': 'F32',
  'blk.1.attn_k.weight': 'Q4_0',
  'blk.1.attn_v.weight': 'Q4_1',
  'blk.1.attn_output.weight': 'Q8_0',
  'blk.1.ffn_gate.weight': 'F16',
  'blk.1.ffn_up.weight': 'Q4_0',
  'blk.1.ffn_down.weight': 'Q8_0',
  'output.weight': 'Q8_0',
};

/** A small generator (mulberry32), so that every run tests the same model. */
function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 8) & 255;
  };
}

/** Random blocks whose values are about ±0.1, as weights of this width are. */
function randomWeight(type: GgmlTypeName, length: number, next: () => number): Uint8Array {
  const per = kernelTypeOf(type)!.fileBytes;
  const bytes = new Uint8Array((length / 32) * per).map(next);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += per) {
    if (type === 'F32') for (let i = 0; i < per; i += 4) view.setFloat32(at + i, (next() - 127.5) / 1024, true);
    if (type === 'F16') {
      for (let i = 0; i < per; i += 2) view.setUint16(at + i, (view.getUint16(at + i, true) & 0x83ff) | 0x2c00, true);
    }
    if (type === 'Q8_0') view.setUint16(at, 0x1400, true); // 2^-10
    if (type === 'Q4_0' || type === 'Q4_1') view.setUint16(at, 0x2400, true); // 2^-6
    if (type === 'Q4_1') view.setUint16(at + 2, 0xaf80, true); // -7.5 * 2^-6
  }
  return bytes;
}

/** A llama of two layers with an output projection of its own, rope factors and a vocabulary that fills no group. */
export function makeTinyModel(): TinyModel {
  const next = randomBytes(2026);
  const tensors = new Map<string, GgufTensor>();
  const parts: Uint8Array[] = [];
  let offset = 0;
  const add = (name: string, type: GgmlTypeName, dimensions: number[], bytes: Uint8Array) => {
    tensors.set(name, { name, type, dimensions, offset, byteLength: bytes.byteLength });
    parts.push(bytes);
    offset += bytes.byteLength;
  };
  const weight = (name: string, rows: number, columns: number) =>
    add(name, TYPES[name]!, [columns, rows], randomWeight(TYPES[name]!, rows * columns, next));
  const vector = (name: string, values: number[]) =>
    add(name, 'F32', [values.length], new Uint8Array(Float32Array.from(values).buffer));
  const norm = () => Array.from({ length: HIDDEN }, () => 0.5 + next() / 256);

  weight('token_embd.weight', VOCABULARY, HIDDEN);
  for (const layer of [0, 1]) {
    vector(`blk.${layer}.attn_norm.weight`, norm());
    weight(`blk.${layer}.attn_q.weight`, HIDDEN, HIDDEN);
    weight(`blk.${layer}.attn_k.weight`, HIDDEN / 2, HIDDEN);
    weight(`blk.${layer}.attn_v.weight`, HIDDEN / 2, HIDDEN);
    weight(`blk.${layer}.attn_output.weight`, HIDDEN, HIDDEN);
    vector(`blk.${layer}.ffn_norm.weight`, norm());
    weight(`blk.${layer}.ffn_gate.weight`, FEED_FORWARD, HIDDEN);
    weight(`blk.${layer}.ffn_up.weight`, FEED_FORWARD, HIDDEN);
    weight(`blk.${layer}.ffn_down.weight`, HIDDEN, FEED_FORWARD);
  }
  vector('output_norm.weight', norm());
  weight('output.weight', VOCABULARY, HIDDEN);
  vector('rope_freqs.weight', [1, 1, 1, 1.5, 2, 4, 8, 8]);

  const file = new Uint8Array(offset);
  for (const [index, tensor] of [...tensors.values()].entries()) file.set(parts[index]!, tensor.offset);
  const metadata = new Map<string, string | number>([
    ['general.architecture', 'llama'],
    ['llama.block_count', 2],
    ['llama.context_length', 200],
    ['llama.embedding_length', HIDDEN],
    ['llama.feed_forward_length', FEED_FORWARD],
    ['llama.attention.head_count', 4],
    ['llama.attention.head_count_kv', 2],
    ['llama.attention.layer_norm_rms_epsilon', 1e-5],
  ]);
  const gguf: GgufFile = { version: 3, metadata, tensors, dataOffset: 0, alignment: 32 };
  const spec = decoderSpecFromGguf(gguf);
  return {
    gguf,
    spec,
    source: new MemoryByteSource(file),
    exactLogits: (tokens) => {
      const reference = new ScalarDecoder(spec, gguf, file);
      return tokens.map((token) => reference.step(token));
    },
  };
}
