import { SottoError } from '../../../shared/index.ts';
import type { VectorSpec, WeightSpec } from '../../architectures/index.ts';
import type { PlainDecoder, PlainLayer } from '../plain-decoder.ts';
import { type KernelType, kernelTypeOf } from './kernel-types.ts';
import {
  ATTENTION_BLOCK,
  ATTENTION_SEGMENT,
  EIGHT_BIT_RECORD,
  LAYER_BYTES,
  PLAN,
  PLAN_BYTES,
  SIXTEEN_BIT_RECORD,
  TILE_TOKENS,
} from './plan-fields.ts';

/** Where a weight lies: groups of 8 rows, `stride` bytes from one group to the next. */
export interface MatrixPlace {
  readonly weight: WeightSpec;
  readonly type: KernelType;
  readonly address: number;
  readonly stride: number;
  readonly groups: number;
  readonly blocks: number;
}

/** Where a norm's weights lie. */
export interface VectorPlace {
  readonly vector: VectorSpec;
  readonly address: number;
}

export interface LayerPlace {
  readonly attentionNorm: VectorPlace;
  readonly feedForwardNorm: VectorPlace;
  /** In the order of the layer record: query, key, value, output, gate, up, down. */
  readonly matrices: readonly MatrixPlace[];
  readonly keys: number;
  readonly values: number;
  readonly keyScales: number;
  readonly valueScales: number;
}

/** Every address of one loaded model. Made before anything is allocated: the size is known up front. */
export interface MemoryPlan {
  readonly spec: PlainDecoder;
  readonly threads: number;
  /** Positions of the KV cache, rounded up to whole attention blocks. */
  readonly context: number;
  /** Most tokens of one call. */
  readonly chunk: number;
  readonly embedding: MatrixPlace;
  readonly head: MatrixPlace;
  readonly finalNorm: VectorPlace;
  readonly layers: readonly LayerPlace[];
  readonly layerTable: number;
  readonly buffers: Readonly<Record<SharedBuffer, number>>;
  readonly scratch: { readonly address: number; readonly stride: number; readonly offsets: ScratchOffsets };
  readonly stagingBytes: number;
  readonly totalBytes: number;
}

export type SharedBuffer =
  | 'tokens'
  | 'rope'
  | 'x'
  | 'qkv'
  | 'attention'
  | 'gated'
  | 'normalised'
  | 'eightBit'
  | 'sixteenBit'
  | 'query'
  | 'queryScale'
  | 'logits'
  | 'partial'
  | 'partialStats'
  | 'staging';

export interface ScratchOffsets {
  readonly normalised: number;
  readonly eightBit: number;
  readonly sixteenBit: number;
  readonly query: number;
  readonly queryScale: number;
  readonly scores: number;
  readonly weights: number;
  readonly rows: number;
  readonly partial: number;
  readonly partialStats: number;
}

/** WASM addresses are 32 bits wide. */
const MOST_BYTES = 2 ** 32;
/** A cache line: nothing that two threads write shares one, and every vector access is aligned. */
const ALIGNMENT = 64;
/** What one read of the file brings in: large enough for the disk, small enough to abort and to stay in the cache. */
const STAGING_BYTES = 1 << 20;

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Hands out addresses one after the other. */
class Allocator {
  #next: number;
  constructor(start: number) {
    this.#next = roundUp(start, ALIGNMENT);
  }
  take(bytes: number): number {
    const address = this.#next;
    this.#next = roundUp(address + bytes, ALIGNMENT);
    return address;
  }
  get end(): number {
    return this.#next;
  }
}

function groupBytes(weight: WeightSpec): number {
  return (weight.columns / 32) * kernelTypeOf(weight.type)!.groupBytes;
}

function place(weight: WeightSpec, address: number, stride: number): MatrixPlace {
  const type = kernelTypeOf(weight.type)!;
  return { weight, type, address, stride, groups: Math.ceil(weight.rows / 8), blocks: weight.columns / 32 };
}

/**
 * Lays out weights, KV cache and buffers for a spec that `checkSpec` accepted.
 * Throws `wasm-out-of-memory` when the sum is more than WASM can address.
 */
export function planMemory(spec: PlainDecoder, contextLength: number, threads: number, chunk: number): MemoryPlan {
  const memory = new Allocator(PLAN + PLAN_BYTES);
  const vector = (of: VectorSpec): VectorPlace => ({ vector: of, address: memory.take(of.size * 4) });
  const matrix = (weight: WeightSpec): MatrixPlace => {
    const stride = groupBytes(weight);
    return place(weight, memory.take(Math.ceil(weight.rows / 8) * stride), stride);
  };
  // Gate and up are read together: group by group beside each other they make one stream.
  const interleaved = (first: WeightSpec, second: WeightSpec): [MatrixPlace, MatrixPlace] => {
    const stride = groupBytes(first) + groupBytes(second);
    const address = memory.take(Math.ceil(first.rows / 8) * stride);
    return [place(first, address, stride), place(second, address + groupBytes(first), stride)];
  };
  const context = roundUp(contextLength, ATTENTION_BLOCK);
  const cacheBytes = spec.attention.keyValueHeads * context * spec.attention.headSize;
  const scaleBytes = spec.attention.keyValueHeads * context * 4;
  const layer = (of: PlainLayer): LayerPlace => ({
    attentionNorm: vector(of.attentionNorm),
    feedForwardNorm: vector(of.feedForwardNorm),
    matrices: [
      matrix(of.query),
      matrix(of.key),
      matrix(of.value),
      matrix(of.attentionOutput),
      ...interleaved(of.gate, of.up),
      matrix(of.down),
    ],
    keys: memory.take(cacheBytes),
    values: memory.take(cacheBytes),
    keyScales: memory.take(scaleBytes),
    valueScales: memory.take(scaleBytes),
  });

  const layerTable = memory.take(spec.layers.length * LAYER_BYTES);
  const embedding = matrix(spec.embedding);
  const layers = spec.layers.map(layer);
  const finalNorm = vector(spec.finalNorm);
  const head = spec.isTied ? embedding : matrix(spec.output);

  const { heads, keyValueHeads, headSize } = spec.attention;
  const widest = Math.max(spec.hiddenSize, spec.feedForwardSize, heads * headSize);
  const widestBlocks = widest / 32;
  const largestRow = Math.max(
    ...[embedding, head, ...layers.flatMap((l) => l.matrices)].map((m) => m.blocks * m.type.fileBytes),
  );
  const stagingBytes = Math.max(STAGING_BYTES, 8 * largestRow);
  // Whole tiles: the last tokens of a tile that is not full are computed and never read.
  const tokens = roundUp(chunk, TILE_TOKENS);
  const segments = Math.ceil(context / ATTENTION_SEGMENT);
  const buffers = {
    tokens: memory.take(tokens * 4),
    rope: memory.take(tokens * spec.rope.dimensions * 8),
    x: memory.take(tokens * spec.hiddenSize * 4),
    qkv: memory.take(tokens * (heads + 2 * keyValueHeads) * headSize * 4),
    attention: memory.take(tokens * heads * headSize * 4),
    gated: memory.take(tokens * spec.feedForwardSize * 4),
    normalised: memory.take(tokens * widest * 4),
    eightBit: memory.take(tokens * widestBlocks * EIGHT_BIT_RECORD),
    sixteenBit: memory.take(tokens * widestBlocks * SIXTEEN_BIT_RECORD),
    query: memory.take(tokens * heads * headSize * 2),
    queryScale: memory.take(tokens * heads * 4),
    logits: memory.take(TILE_TOKENS * head.groups * 32),
    partial: memory.take(segments * heads * headSize * 4),
    partialStats: memory.take(segments * heads * 8),
    staging: memory.take(stagingBytes),
  };

  const own = new Allocator(0);
  const perKeyValue = heads / keyValueHeads;
  const offsets: ScratchOffsets = {
    normalised: own.take(widest * 4),
    eightBit: own.take(widestBlocks * EIGHT_BIT_RECORD),
    sixteenBit: own.take(widestBlocks * SIXTEEN_BIT_RECORD),
    query: own.take(heads * headSize * 2),
    queryScale: own.take(heads * 4),
    scores: own.take(perKeyValue * ATTENTION_SEGMENT * 4),
    weights: own.take(ATTENTION_BLOCK * 2),
    rows: own.take(2 * tokens * 32),
    partial: own.take(segments * perKeyValue * headSize * 4),
    partialStats: own.take(segments * perKeyValue * 8),
  };
  const scratch = { address: memory.take(threads * own.end), stride: own.end, offsets };

  if (memory.end > MOST_BYTES) {
    throw new SottoError(
      'wasm-out-of-memory',
      `The model needs ${memory.end} bytes; WebAssembly addresses ${MOST_BYTES}.`,
      {
        details: { bytes: memory.end },
      },
    );
  }
  return {
    spec,
    threads,
    context,
    chunk,
    embedding,
    head,
    finalNorm,
    layers,
    layerTable,
    buffers,
    scratch,
    stagingBytes,
    totalBytes: memory.end,
  };
}
