import type { GgmlTypeName, GgufFile, GgufTensor } from '../../../../formats/gguf/types.ts';
import { type ByteSource, MemoryByteSource } from '../../../../shared/index.ts';
import { type DecoderSpec, decoderSpecFromGguf } from '../../../architectures/index.ts';
import { randomBlocks, randomBytes } from '../../blocks/testing/random-blocks.ts';
import { ScalarDecoder } from '../../reference/index.ts';

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

export interface TinyChanges {
  readonly vocabularySize?: number;
  /** Of the norm before the output projection. */
  readonly finalNorm?: (channel: number) => number;
}

/**
 * A llama of two layers with an output projection of its own, rope factors and a vocabulary that fills no group: every
 * block type of 32, or all weights of the type given.
 */
export function makeTinyModel(
  onlyType?: GgmlTypeName,
  { vocabularySize = VOCABULARY, finalNorm }: TinyChanges = {},
): TinyModel {
  const next = randomBytes(2026);
  const typeOf = (name: string) => onlyType ?? TYPES[name]!;
  // Whole blocks of every type; otherwise as narrow as can be.
  const [hiddenSize, feedForwardSize] = onlyType === undefined ? [HIDDEN, FEED_FORWARD] : [256, 512];
  const tensors = new Map<string, GgufTensor>();
  const parts: Uint8Array[] = [];
  let offset = 0;
  const add = (name: string, type: GgmlTypeName, dimensions: number[], bytes: Uint8Array) => {
    tensors.set(name, { name, type, dimensions, offset, byteLength: bytes.byteLength });
    parts.push(bytes);
    offset += bytes.byteLength;
  };
  const weight = (name: string, rows: number, columns: number) =>
    add(
      name,
      typeOf(name),
      [columns, rows],
      randomBlocks(typeOf(name), rows * columns, 0.8 / Math.sqrt(columns), next),
    );
  const vector = (name: string, values: number[]) =>
    add(name, 'F32', [values.length], new Uint8Array(Float32Array.from(values).buffer));
  const norm = () => Array.from({ length: hiddenSize }, () => 0.5 + next() / 256);

  weight('token_embd.weight', vocabularySize, hiddenSize);
  for (const layer of [0, 1]) {
    vector(`blk.${layer}.attn_norm.weight`, norm());
    weight(`blk.${layer}.attn_q.weight`, hiddenSize, hiddenSize);
    weight(`blk.${layer}.attn_k.weight`, hiddenSize / 2, hiddenSize);
    weight(`blk.${layer}.attn_v.weight`, hiddenSize / 2, hiddenSize);
    weight(`blk.${layer}.attn_output.weight`, hiddenSize, hiddenSize);
    vector(`blk.${layer}.ffn_norm.weight`, norm());
    weight(`blk.${layer}.ffn_gate.weight`, feedForwardSize, hiddenSize);
    weight(`blk.${layer}.ffn_up.weight`, feedForwardSize, hiddenSize);
    weight(`blk.${layer}.ffn_down.weight`, hiddenSize, feedForwardSize);
  }
  vector('output_norm.weight', finalNorm === undefined ? norm() : norm().map((_, channel) => finalNorm(channel)));
  weight('output.weight', vocabularySize, hiddenSize);
  vector('rope_freqs.weight', [1, 1, 1, 1.5, 2, 4, 8, 8]);

  const file = new Uint8Array(offset);
  for (const [index, tensor] of [...tensors.values()].entries()) file.set(parts[index]!, tensor.offset);
  const metadata = new Map<string, string | number>([
    ['general.architecture', 'llama'],
    ['llama.block_count', 2],
    ['llama.context_length', 200],
    ['llama.embedding_length', hiddenSize],
    ['llama.feed_forward_length', feedForwardSize],
    ['llama.attention.head_count', hiddenSize / 16],
    ['llama.attention.head_count_kv', hiddenSize / 32],
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
