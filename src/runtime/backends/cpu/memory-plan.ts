import { SottoError } from '../../../shared/index.ts';
import { type DecoderSpec, type RopeSpec, ropesOf } from '../../architectures/index.ts';
import type { CacheKind } from './cache-kind.ts';
import { type LayerPlace, placeLayer } from './layer-place.ts';
import { FOUND_BYTES } from './outline-fields.ts';
import { type OutlinePlace, placeOutline } from './outline-place.ts';
import { Allocator, type MatrixPlace, type NormPlace, roundUp, type VectorPlace, WeightPlaces } from './places.ts';
import {
  ATTENTION_BLOCK,
  ATTENTION_SEGMENT,
  BALANCE_BYTES,
  EIGHT_BIT_RECORD,
  LAYER_BYTES,
  PLAN,
  PLAN_BYTES,
  ROW_BYTES,
  SIGN_GROUPS,
  SIXTEEN_BIT_RECORD,
  TABLE_RECORD,
  TILE_GROUPS,
  TILE_SUMS_BYTES,
  TILE_TOKENS,
  TYPE_Q1_0,
} from './plan-fields.ts';
import { placeStreams, type StreamsPlace } from './streams-place.ts';
import { widthsOf } from './widths.ts';

/** Every address of one loaded model. Made before anything is allocated: the size is known up front. */
export interface MemoryPlan {
  readonly spec: DecoderSpec;
  readonly threads: number;
  /** Where the split of work stands. */
  readonly balance: number;
  /** Positions of the KV cache, rounded up to whole attention blocks. */
  readonly context: number;
  readonly cacheKind: CacheKind;
  /** The KV cache of one text. Others lie behind the plan, where `lanes` were opened for them. */
  readonly cache: { readonly address: number; readonly bytes: number };
  /** Most tokens of one call. */
  readonly chunk: number;
  readonly embedding: MatrixPlace;
  readonly positionEmbedding: MatrixPlace | undefined;
  readonly head: MatrixPlace;
  readonly outline: OutlinePlace | undefined;
  readonly finalNorm: NormPlace;
  readonly layers: readonly LayerPlace[];
  readonly layerInputs: LayerInputsPlace | undefined;
  readonly streams: StreamsPlace | undefined;
  readonly layerTable: number;
  /** Tables of cosines and sines, one a rotation. */
  readonly ropes: readonly { readonly spec: RopeSpec; readonly address: number }[];
  /** All weights and vectors of the above, for whoever fills them. */
  readonly matrices: readonly MatrixPlace[];
  readonly vectors: readonly VectorPlace[];
  readonly buffers: Readonly<Record<SharedBuffer, number>>;
  readonly scratch: { readonly address: number; readonly stride: number; readonly offsets: ScratchOffsets };
  readonly stagingBytes: number;
  readonly totalBytes: number;
}

/** Of what layers get of a token besides the residual stream. Their table is no part of it: see token-rows.ts. */
export interface LayerInputsPlace {
  readonly projection: MatrixPlace;
  readonly norm: number;
}

export interface MemoryPlanOptions {
  readonly contextLength: number;
  readonly threads: number;
  /** Most tokens of one call. */
  readonly chunk: number;
  /** Absent: int8. */
  readonly cacheKind?: CacheKind | undefined;
}

export type SharedBuffer =
  | 'tokens'
  | 'rows'
  | 'x'
  | 'qkv'
  | 'attention'
  | 'gated'
  | 'normalised'
  | 'eightBit'
  | 'sixteenBit'
  | 'tables'
  | 'query'
  | 'queryScale'
  | 'logits'
  | 'partial'
  | 'partialStats'
  | 'routed'
  | 'recurrentIn'
  | 'recurrentOut'
  | 'layerInputs'
  | 'layerInputsProjected'
  | 'streams'
  | 'waitingGates'
  | 'staging';

export interface ScratchOffsets {
  readonly normalised: number;
  readonly eightBit: number;
  readonly sixteenBit: number;
  readonly tables: number;
  readonly query: number;
  readonly queryScale: number;
  readonly scores: number;
  readonly weights: number;
  readonly rows: number;
  readonly partial: number;
  readonly partialStats: number;
  readonly choice: number;
  readonly tileSums: number;
  readonly found: number;
}

/** WASM addresses are 32 bits wide. */
const MOST_BYTES = 2 ** 32;
/** What one read of the file brings in: large enough for the disk, small enough to abort and to stay in the cache. */
const STAGING_BYTES = 1 << 20;

/**
 * Lays out weights, KV cache and buffers for a spec that `checkSpec` accepted.
 * Throws `wasm-out-of-memory` when the sum is more than WASM can address.
 */
export function planMemory(
  spec: DecoderSpec,
  { contextLength, threads, chunk, cacheKind = 'int8' }: MemoryPlanOptions,
): MemoryPlan {
  const memory = new Allocator(PLAN + PLAN_BYTES);
  const cache = new Allocator(0);
  const places = new WeightPlaces(memory);
  const context = roundUp(contextLength, ATTENTION_BLOCK);
  // Whole tiles: the last tokens of a tile that is not full are computed and never read.
  const tokens = roundUp(chunk, TILE_TOKENS);
  const layerTable = memory.take(spec.layers.length * LAYER_BYTES);
  const ropes = ropesOf(spec).map((rope) => ({ spec: rope, address: memory.take(tokens * rope.dimensions * 8) }));
  const embedding = places.matrix(spec.embedding);
  const positionEmbedding = spec.positionEmbedding && places.matrix(spec.positionEmbedding);
  const layers: LayerPlace[] = [];
  const around = { memory, cache, places, hiddenSize: spec.hiddenSize, context, cacheKind, ropes, before: layers };
  for (const layer of spec.layers) layers.push(placeLayer(layer, around));
  const layerInputs = spec.layerInputs && {
    projection: places.matrix(spec.layerInputs.projection),
    norm: places.norm(spec.layerInputs.norm, spec.layerInputs.size).weight,
  };
  const streams = spec.streams && placeStreams(spec.streams, memory, places);
  const finalNorm = places.norm(spec.finalNorm, spec.hiddenSize);
  const head = spec.isTied ? embedding : places.matrix(spec.output);
  const outline = placeOutline(head, memory, places);

  const widths = widthsOf(spec);
  const blocks = widths.widest / 32;
  const largestRow = Math.max(...places.matrices.map((matrix) => matrix.blocks * matrix.type.fileBytes));
  const stagingBytes = Math.max(STAGING_BYTES, 8 * largestRow);
  const segments = Math.ceil(context / ATTENTION_SEGMENT);
  const hasSigns = places.matrices.some(({ type }) => type.kernel === TYPE_Q1_0);
  const queryBytes = cacheKind === 'int8' ? 2 : 4;
  const buffers = {
    tokens: memory.take(tokens * 4),
    rows: memory.take(tokens * ROW_BYTES),
    x: memory.take(tokens * spec.hiddenSize * 4),
    qkv: memory.take(tokens * widths.qkv * 4),
    attention: memory.take(tokens * widths.query * 4),
    gated: memory.take(Math.max(tokens * widths.feedForward, widths.chosen) * 4),
    normalised: memory.take(tokens * widths.widest * 4),
    eightBit: memory.take(tokens * blocks * EIGHT_BIT_RECORD),
    sixteenBit: memory.take(tokens * blocks * SIXTEEN_BIT_RECORD),
    tables: memory.take(hasSigns ? tokens * blocks * TABLE_RECORD : 0),
    query: memory.take(tokens * widths.query * queryBytes),
    queryScale: memory.take(tokens * widths.heads * 4),
    logits: memory.take(TILE_TOKENS * head.groups * 32),
    partial: memory.take(segments * widths.query * 4),
    partialStats: memory.take(segments * widths.heads * 8),
    routed: memory.take(widths.experts * 4),
    recurrentIn: memory.take(tokens * widths.recurrentIn * 4),
    recurrentOut: memory.take(tokens * widths.recurrentOut * 4),
    layerInputs: memory.take(tokens * widths.layerInputs * 4),
    layerInputsProjected: memory.take(tokens * widths.layerInputs * 4),
    streams: memory.take(tokens * (spec.streams?.count ?? 0) * spec.hiddenSize * 4),
    waitingGates: memory.take(tokens * widths.waitingGates * 4),
    staging: memory.take(stagingBytes),
  };

  const own = new Allocator(0);
  const offsets: ScratchOffsets = {
    normalised: own.take(widths.widest * 4),
    eightBit: own.take(blocks * EIGHT_BIT_RECORD),
    sixteenBit: own.take(blocks * SIXTEEN_BIT_RECORD),
    // Where experts are routed, all formats are made.
    tables: own.take(blocks * TABLE_RECORD),
    query: own.take(widths.query * queryBytes),
    queryScale: own.take(widths.heads * 4),
    scores: own.take(widths.perKeyValue * ATTENTION_SEGMENT * 4),
    weights: own.take(widths.perKeyValue * ATTENTION_SEGMENT * 2),
    // Of several tokens as many groups of gate and of up as an item has, of one token all of them.
    rows: own.take(2 * Math.max((hasSigns ? SIGN_GROUPS : TILE_GROUPS) * tokens * 32, (widths.feedForward + 32) * 4)),
    partial: own.take(segments * widths.perKeyValueWidth * 4),
    partialStats: own.take(segments * widths.perKeyValue * 8),
    choice: own.take(widths.experts * 6 + widths.expertsUsed * 8),
    tileSums: own.take(TILE_SUMS_BYTES),
    found: own.take(outline === undefined ? 0 : TILE_TOKENS * FOUND_BYTES),
  };
  const balance = memory.take(threads * BALANCE_BYTES);
  const scratch = { address: memory.take(threads * own.end), stride: own.end, offsets };
  const cacheAddress = memory.take(cache.end);

  if (memory.end > MOST_BYTES) {
    const message = `The model needs ${memory.end} bytes; WebAssembly addresses ${MOST_BYTES}.`;
    throw new SottoError('wasm-out-of-memory', message, { details: { bytes: memory.end } });
  }
  return {
    spec,
    threads,
    balance,
    context,
    cacheKind,
    cache: { address: cacheAddress, bytes: cache.end },
    chunk,
    embedding,
    positionEmbedding,
    head,
    outline,
    finalNorm,
    layers,
    layerInputs,
    streams,
    layerTable,
    ropes,
    matrices: places.matrices,
    vectors: places.vectors,
    buffers,
    scratch,
    stagingBytes,
    totalBytes: memory.end,
  };
}
