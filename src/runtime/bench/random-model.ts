import { ggmlTypeByName } from '../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../formats/gguf/types.ts';
import type { BenchModel, BenchShape } from '../../protocol/index.ts';
import { numberToHalf } from '../backends/blocks/index.ts';
import { ALIGNMENT, ggufHeader, type HeaderTensor, type HeaderValue, tensorBytes } from './gguf-header.ts';

type RandomModel = BenchModel & { readonly kind: 'random' };

interface Shape {
  /** qwen3 norms queries and keys a head at a time. */
  readonly architecture: 'llama' | 'qwen3';
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly layers: number;
  readonly vocabularySize: number;
}

/** SmolLM2-135M, Qwen2.5-1.5B, Qwen3-1.7B, and one for tests. */
const SHAPES: Readonly<Record<BenchShape, Shape>> = {
  '135m': {
    architecture: 'llama',
    hiddenSize: 576,
    feedForwardSize: 1_536,
    heads: 9,
    keyValueHeads: 3,
    headSize: 64,
    layers: 30,
    vocabularySize: 49_152,
  },
  '1.5b': {
    architecture: 'llama',
    hiddenSize: 1_536,
    feedForwardSize: 8_960,
    heads: 12,
    keyValueHeads: 2,
    headSize: 128,
    layers: 28,
    vocabularySize: 151_936,
  },
  '1.7b': {
    architecture: 'qwen3',
    hiddenSize: 2_048,
    feedForwardSize: 6_144,
    heads: 16,
    keyValueHeads: 8,
    headSize: 128,
    layers: 28,
    vocabularySize: 151_936,
  },
  tiny: {
    architecture: 'llama',
    hiddenSize: 64,
    feedForwardSize: 256,
    heads: 2,
    keyValueHeads: 1,
    headSize: 32,
    layers: 2,
    vocabularySize: 512,
  },
};

const CONTEXT = 8_192;
/** Blocks of the piece that all tensors of a type are made of. */
const PIECE_BLOCKS = 16_384;

/** Where half floats stand in a block, each with its factor: minima centre the values. */
const HALVES = {
  Q4_1: [
    [0, 1],
    [2, -7.5],
  ],
  Q4_K: [
    [0, 1 / 32],
    [2, 7.5 / 32],
  ],
  Q8_0: [[0, 1 / 16]],
  Q1_0: [[0, 4.6]],
} as const;

/** The whole file. Weights of a type repeat, which no arithmetic and no memory is faster for. */
export function randomModelFile({ shape: name, quantisation }: RandomModel): Blob {
  const shape = SHAPES[name];
  const tensors = tensorsOf(shape, quantisation);
  const parts: BlobPart[] = [ggufHeader(metadataOf(name, shape), tensors)];
  const pieces = new Map<string, Blob>();
  for (const tensor of tensors) {
    const key = `${tensor.type} ${tensor.columns}`;
    const piece = pieces.get(key) ?? new Blob([randomPiece(tensor)]);
    pieces.set(key, piece);
    const bytes = tensorBytes(tensor);
    for (let done = 0; done < bytes; done += piece.size) parts.push(piece.slice(0, Math.min(piece.size, bytes - done)));
    parts.push(new Uint8Array(-bytes & (ALIGNMENT - 1)));
  }
  return new Blob(parts);
}

function tensorsOf(shape: Shape, type: RandomModel['quantisation']): readonly HeaderTensor[] {
  const { hiddenSize, feedForwardSize, heads, keyValueHeads, headSize, layers, vocabularySize } = shape;
  const norm = (name: string, columns = hiddenSize): HeaderTensor => ({
    name: `${name}.weight`,
    type: 'F32',
    columns,
    rows: 0,
  });
  const matrix = (name: string, columns: number, rows: number, of: GgmlTypeName = type): HeaderTensor => ({
    name: `${name}.weight`,
    // Super-blocks of 256 where the width holds them.
    type: of === 'Q4_K' && columns % 256 !== 0 ? 'Q4_1' : of,
    columns,
    rows,
  });
  return [
    // Signs are for those who want the smallest file: no table that is five times as large beside them.
    matrix('token_embd', hiddenSize, vocabularySize, type === 'Q1_0' ? type : 'Q8_0'),
    norm('output_norm'),
    ...Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
      norm(`${block}.attn_norm`),
      ...(shape.architecture === 'qwen3' ? ['attn_q_norm', 'attn_k_norm'] : []).map((name) =>
        norm(`${block}.${name}`, headSize),
      ),
      matrix(`${block}.attn_q`, hiddenSize, heads * headSize),
      matrix(`${block}.attn_k`, hiddenSize, keyValueHeads * headSize),
      matrix(`${block}.attn_v`, hiddenSize, keyValueHeads * headSize),
      matrix(`${block}.attn_output`, heads * headSize, hiddenSize),
      norm(`${block}.ffn_norm`),
      matrix(`${block}.ffn_gate`, hiddenSize, feedForwardSize),
      matrix(`${block}.ffn_up`, hiddenSize, feedForwardSize),
      matrix(`${block}.ffn_down`, feedForwardSize, hiddenSize),
    ]),
  ];
}

function metadataOf(name: BenchShape, shape: Shape): readonly (readonly [string, HeaderValue])[] {
  return [
    ['general.architecture', shape.architecture],
    ['general.name', `random weights, ${name}`],
    [`${shape.architecture}.block_count`, shape.layers],
    [`${shape.architecture}.context_length`, CONTEXT],
    [`${shape.architecture}.embedding_length`, shape.hiddenSize],
    [`${shape.architecture}.feed_forward_length`, shape.feedForwardSize],
    [`${shape.architecture}.attention.head_count`, shape.heads],
    [`${shape.architecture}.attention.head_count_kv`, shape.keyValueHeads],
    [`${shape.architecture}.attention.key_length`, shape.headSize],
    [`${shape.architecture}.attention.value_length`, shape.headSize],
    [`${shape.architecture}.rope.dimension_count`, shape.headSize],
    [`${shape.architecture}.vocab_size`, shape.vocabularySize],
    [`${shape.architecture}.attention.layer_norm_rms_epsilon`, { float: 1e-5 }],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'gpt-2'],
    // So that the file can be opened for a chat, too.
    ['tokenizer.chat_template', "{% for message in messages %}{{ message['content'] }} {% endfor %}"],
    ['tokenizer.ggml.tokens', tokensOf(shape.vocabularySize)],
    ['tokenizer.ggml.token_type', tokenTypes(shape.vocabularySize)],
    // One that no text of a benchmark joins: some readers want a list that is not empty.
    ['tokenizer.ggml.merges', ['Ā ā']],
    ['tokenizer.ggml.bos_token_id', shape.vocabularySize - 1],
    ['tokenizer.ggml.eos_token_id', shape.vocabularySize - 1],
  ];
}

/** The 256 bytes as byte-level vocabularies write them, then words that no text spells. */
function tokensOf(count: number): readonly string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
  return Array.from({ length: count }, (_, id) => bytes[id] ?? (id === count - 1 ? '<|end|>' : `Āword${id}`));
}

/** 1 is a word, 3 steers (source: llama_token_type of llama.cpp). */
function tokenTypes(count: number): Int32Array {
  return new Int32Array(count).fill(1).fill(3, count - 1);
}

/** Whole blocks with any quants and scales that keep a product of a row with unit values near one. */
function randomPiece({ type, columns, rows }: HeaderTensor): Uint8Array<ArrayBuffer> {
  if (type === 'F32' && rows === 0) return new Uint8Array(new Float32Array(columns).fill(1).buffer);
  const { blockBytes } = ggmlTypeByName(type);
  const bytes = new Uint8Array(PIECE_BLOCKS * blockBytes);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  const view = new DataView(bytes.buffer);
  const spread = 1 / (4.6 * Math.sqrt(columns));
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const size = spread * (0.5 + view.getUint8(at) / 256);
    for (const [offset, factor] of HALVES[type as keyof typeof HALVES]) {
      view.setUint16(at + offset, numberToHalf(factor * size), true);
    }
  }
  return bytes;
}
