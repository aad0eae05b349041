import type { GgufFile } from '../formats/index.ts';

/**
 * What engines take besides weights, keys and values, worked out from a header: upper bounds, which tests hold against what the
 * engines plan and allocate.
 */

/** Widths of a layer's buffers, in values a token. */
export interface ModelWidths {
  readonly hidden: number;
  readonly query: number;
  /** Queries, keys and values, and what gates them. */
  readonly projected: number;
  readonly feedForward: number;
  /** What all layers get of a token besides (Gemma 4). */
  readonly layerInputs: number;
  readonly vocabulary: number;
  readonly headSize: number;
  readonly contextLength: number;
  readonly hasExperts: boolean;
}

const MIB = 2 ** 20;
/** Tokens of a chunk of the GPU engine, of its tile, of an encoder's job there and on the processor, and of an encoder's longest text. */
const CHUNK_TOKENS = 1_024;
const TILE_TOKENS = 64;
const GPU_JOB_TOKENS = 2_048;
const JOB_TOKENS = 512;
const LONGEST_TEXT = 2_048;
/** A chunk of a model with experts may be so large on its way. */
const MOST_EXPERT_BYTES = 64 * MIB;
/** Vectors that an encoder pools at a time. */
const POOLED_VECTORS = 1_024;
/** Commands, constants, results that are read back; pieces of the file on their way. */
const SMALL_THINGS = 6 * MIB;
/** Bytes that the processor's encoder holds for a weight: 8 bits, and a scale and a sum of 32 of them. */
const ENCODER_WEIGHT_BYTES = 1.25;
/** Angles of the positions of a usual context; a longer one has keys and values that weigh a hundred times as much. */
const USUAL_CONTEXT = 8_192;
/** Threads for whose scratch there is room. */
const THREADS = 16;

const upTo = (width: number, step: number) => Math.ceil(width / step) * step;

/** The GPU engine's chunk, table of angles, and logits: of a token, and of a tile where all are wanted. */
export function graphicsBytes(widths: ModelWidths): number {
  const { hidden, query, projected, feedForward, layerInputs, vocabulary, headSize, contextLength, hasExperts } =
    widths;
  const raw = upTo(Math.max(projected, layerInputs), 32) + layerInputs;
  const row = 3 * upTo(hidden, 32) + 2 * upTo(query, 32) + raw + upTo(feedForward, 32) + headSize;
  const chunk = CHUNK_TOKENS * row * 4;
  const angles = Math.min(contextLength, USUAL_CONTEXT) * headSize * 4;
  const logits = 2 * TILE_TOKENS * vocabulary * 4;
  return (hasExperts ? Math.max(chunk, MOST_EXPERT_BYTES) : chunk) + logits + angles + SMALL_THINGS;
}

/** Weights of an encoder as the processor's engine holds them: matrices in 8 bits, tables as in the file. */
export function encoderWeightBytes({ tensors }: GgufFile): number {
  let bytes = 0;
  for (const { name, dimensions, byteLength } of tensors.values()) {
    const [columns = 1, rows = 1] = dimensions;
    const isMatrix = dimensions.length > 1 && name.startsWith('blk.');
    bytes += isMatrix ? upTo(columns, 32) * upTo(rows, 8) * ENCODER_WEIGHT_BYTES : byteLength;
  }
  return Math.round(bytes);
}

/** An encoder's working space: a job of texts on the processor, and a larger one on a graphics card. */
export function encoderWorkingBytes(widths: ModelWidths): {
  readonly workingBytes: number;
  readonly graphicsBytes: number;
} {
  const { hidden, query, projected, feedForward, headSize } = widths;
  const longest = Math.min(widths.contextLength, LONGEST_TEXT);
  const tokens = Math.max(JOB_TOKENS, longest);
  const row = 3 * upTo(hidden, 32) + upTo(query, 32) + upTo(projected, 32) + upTo(feedForward, 32);
  // Activations in 16 bits beside them, and what is added to embeddings: positions, and angles.
  const widest = upTo(Math.max(hidden, feedForward, query), 32);
  const records = widest * 2;
  const added = longest * (hidden + 2 * headSize) * 4;
  // Of a thread: keys and scores, or 8 rows of a weight and of its gate in 16 bits.
  const scratch = THREADS * Math.max((headSize + 36) * upTo(longest, 8) * 4, widest * 36);
  const pooled = POOLED_VECTORS * 2 * upTo(hidden, 32) * 4;
  return {
    workingBytes: Math.round(tokens * (row * 4 + records) + added + scratch + 2 * MIB),
    // Keys and values of one layer in f32.
    graphicsBytes: Math.round(GPU_JOB_TOKENS * (row + query + 2 * projected) * 4 + added + pooled + SMALL_THINGS),
  };
}

/** Ranks and rows are filled up to what kernels go through at once, and all is held in 32 bits. */
const RANK_STEP = 32;
/** Two parts of what is one tensor in the file (queries, keys and values; gates and ups) share its `a`, and each holds its own. */
const SHARES = { attn_qkv: 3, ffn_up: 2, ffn_gate_up: 2 } as const;

/** Bytes that a LoRA adapter takes beside a model once it is loaded, on either engine. */
export function adapterBytes({ tensors }: GgufFile): number {
  let bytes = 0;
  for (const { name, dimensions } of tensors.values()) {
    const [columns = 0, rows = 0] = dimensions;
    const part = /\.([a-z_]+)\.weight\.lora_[ab]$/.exec(name)?.[1] ?? '';
    const times = part in SHARES ? SHARES[part as keyof typeof SHARES] : 1;
    if (name === 'token_embd.weight.lora_a') {
      // A row a token.
      bytes += upTo(rows, 8) * upTo(columns, RANK_STEP) * 4;
    } else if (name.endsWith('.lora_a')) {
      // With what it makes of a chunk's tokens.
      bytes += times * (columns * upTo(rows, 8) * 4 + TILE_TOKENS * upTo(rows, RANK_STEP) * 4 + 1_024);
    } else if (name.endsWith('.lora_b')) bytes += (upTo(rows, 8) + times * 8) * upTo(columns, RANK_STEP) * 4;
  }
  return bytes + MIB;
}
