import { SottoError } from '../../../shared/index.ts';
import type { PlainDecoder } from '../plain-decoder.ts';

/** Positions that one pass of the decode attention handles at a time, and the most parts they are dealt out to. */
const SPLIT_TILE = 32;
const MOST_SPLITS = 32;
/** f32 values of queries, or of shares, that may lie in workgroup memory: half of the 16,384 bytes every device has. */
const MOST_SHARED_VALUES = 2048;
const MOST_TILE_QUERIES = 32;
const TILE_KEYS = 32;

/** The numbers of a model that kernels are compiled with. Strides are widths rounded up to whole blocks of 32. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly hiddenStride: number;
  readonly feedForwardSize: number;
  readonly gatedStride: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly queryWidth: number;
  readonly queryStride: number;
  readonly keyWidth: number;
  readonly vocabularySize: number;
  /** Positions of the KV cache. */
  readonly capacity: number;
  /** Decode attention: parts of the positions, positions a step, query heads a workgroup. */
  readonly splits: number;
  readonly splitTile: number;
  readonly groupHeads: number;
  /** Prefill attention: queries and keys a tile. */
  readonly tileQueries: number;
  readonly tileKeys: number;
}

/** Throws `model-unsupported` for head sizes and widths that the kernels cannot take. */
export function modelShape(spec: PlainDecoder, contextLength: number): ModelShape {
  const { heads, keyValueHeads, headSize } = spec.attention;
  if (headSize % 4 !== 0 || spec.rope.dimensions % 2 !== 0) {
    const details = { headSize, ropeDimensions: spec.rope.dimensions };
    const message = `Heads of ${headSize} values with rope over ${spec.rope.dimensions} do not run on the GPU.`;
    throw new SottoError('model-unsupported', message, { details });
  }
  const queryWidth = heads * headSize;
  return {
    hiddenSize: spec.hiddenSize,
    hiddenStride: wholeBlocks(spec.hiddenSize),
    feedForwardSize: spec.feedForwardSize,
    gatedStride: wholeBlocks(spec.feedForwardSize),
    heads,
    keyValueHeads,
    headSize,
    queryWidth,
    queryStride: wholeBlocks(queryWidth),
    keyWidth: keyValueHeads * headSize,
    vocabularySize: spec.vocabularySize,
    capacity: contextLength,
    splits: Math.max(1, Math.min(MOST_SPLITS, Math.floor(MOST_SHARED_VALUES / heads))),
    splitTile: SPLIT_TILE,
    groupHeads: groupHeads(heads / keyValueHeads, headSize),
    tileQueries: Math.max(4, Math.min(MOST_TILE_QUERIES, Math.floor(MOST_SHARED_VALUES / headSize / 4) * 4)),
    tileKeys: TILE_KEYS,
  };
}

function wholeBlocks(width: number): number {
  return Math.ceil(width / 32) * 32;
}

/** The most heads that share a key head evenly and whose queries fit. */
function groupHeads(headsAKey: number, headSize: number): number {
  let best = 1;
  for (let count = 2; count <= headsAKey; count++) {
    if (headsAKey % count === 0 && count * Math.max(headSize, 2 * SPLIT_TILE) <= MOST_SHARED_VALUES) best = count;
  }
  return best;
}
