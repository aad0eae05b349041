import { SottoError } from '../../../shared/index.ts';
import type { DenseDecoderSpec, DenseLayerSpec, RopeSpec } from '../../architectures/index.ts';

/** The most parts that the positions of a decode step are dealt out to. */
const MOST_SPLITS = 16;
/** Query heads that share keys in one workgroup, at most: their sums lie in its memory. */
const MOST_GROUP_HEADS = 4;
/** f32 values of shares that may lie in workgroup memory, and of joined heads: with the sums less than 16,384 bytes. */
const MOST_SHARES = 1024;
const MOST_JOINED_VALUES = 2048;
/** Queries and keys of a prefill attention tile, largest first. */
const ATTENTION_TILES = [
  [32, 64],
  [32, 32],
  [16, 32],
  [16, 16],
  [8, 16],
  [4, 8],
] as const;

/** What the kernels of one layer are compiled with. */
export interface LayerShape {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly queryWidth: number;
  readonly keyWidth: number;
  readonly gatedSize: number;
  /** Which of the model's ropes turns the heads; undefined for none. */
  readonly rope: number | undefined;
  /** Whether heads are normed, so that a kernel of their own puts them in their places. */
  readonly isPlaced: boolean;
  /** Decode attention: positions a step, query heads a workgroup. */
  readonly splitTile: number;
  readonly groupHeads: number;
  /** Whether the output projection joins the splits itself. */
  readonly joinsInOutput: boolean;
  /** Prefill attention: queries and keys a tile. */
  readonly tileQueries: number;
  readonly tileKeys: number;
}

/** The numbers that all kernels of a model share. Strides are widths rounded up to whole blocks of 32. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly hiddenStride: number;
  readonly vocabularySize: number;
  /** Positions of the KV cache. */
  readonly capacity: number;
  readonly splits: number;
  /** The largest of all layers. */
  readonly queryStride: number;
  readonly rawStride: number;
  readonly gatedStride: number;
  readonly heads: number;
  /** The different ropes of the layers. */
  readonly ropes: readonly RopeSpec[];
  readonly layers: readonly LayerShape[];
}

/** Throws `model-unsupported` for head sizes and widths that the kernels cannot take. */
export function modelShape(spec: DenseDecoderSpec, contextLength: number, workgroupBytes: number): ModelShape {
  const ropes: RopeSpec[] = [];
  const layers = spec.layers.map((layer) => layerShape(layer, ropes, workgroupBytes));
  const most = (of: (layer: LayerShape) => number) => Math.max(...layers.map(of));
  const heads = most((layer) => layer.heads);
  return {
    hiddenSize: spec.hiddenSize,
    hiddenStride: wholeBlocks(spec.hiddenSize),
    vocabularySize: spec.vocabularySize,
    capacity: contextLength,
    splits: Math.max(1, Math.min(MOST_SPLITS, Math.floor(MOST_SHARES / heads))),
    queryStride: wholeBlocks(most(({ queryWidth }) => queryWidth)),
    rawStride: wholeBlocks(most(({ queryWidth, keyWidth }) => queryWidth + 2 * keyWidth)),
    gatedStride: wholeBlocks(most(({ gatedSize }) => gatedSize)),
    heads,
    ropes,
    layers,
  };
}

function layerShape({ attention, feedForward }: DenseLayerSpec, ropes: RopeSpec[], workgroupBytes: number): LayerShape {
  const { heads, keyValueHeads, headSize, rope, queryNorm, keyNorm } = attention;
  if (headSize % 4 !== 0 || headSize > 256 || (rope !== undefined && rope.dimensions % 2 !== 0)) {
    const details = { headSize, ropeDimensions: rope?.dimensions ?? 0 };
    const message = `Heads of ${headSize} values with rope over ${details.ropeDimensions} do not run on the GPU.`;
    throw new SottoError('model-unsupported', message, { details });
  }
  if (rope !== undefined && !ropes.includes(rope)) ropes.push(rope);
  const queryWidth = heads * headSize;
  return {
    heads,
    keyValueHeads,
    headSize,
    queryWidth,
    keyWidth: keyValueHeads * headSize,
    gatedSize: feedForward.size,
    rope: rope === undefined ? undefined : ropes.indexOf(rope),
    isPlaced: queryNorm !== undefined || keyNorm !== undefined,
    splitTile: headSize <= 64 ? 64 : 32,
    groupHeads: groupHeads(heads / keyValueHeads),
    joinsInOutput: queryWidth <= MOST_JOINED_VALUES,
    ...attentionTile(headSize, workgroupBytes),
  };
}

/** A width up to whole blocks of 32. */
export function wholeBlocks(width: number): number {
  return Math.ceil(width / 32) * 32;
}

/** The most heads that share a key head evenly. */
function groupHeads(headsAKey: number): number {
  for (let count = Math.min(MOST_GROUP_HEADS, headsAKey); count > 1; count--) if (headsAKey % count === 0) return count;
  return 1;
}

function attentionTile(headSize: number, workgroupBytes: number): { tileQueries: number; tileKeys: number } {
  for (const [tileQueries, tileKeys] of ATTENTION_TILES) {
    const values = headSize * (tileQueries + tileKeys) + tileKeys * tileQueries + tileQueries * (tileKeys / 4 + 1) + 4;
    if (4 * values <= workgroupBytes) return { tileQueries, tileKeys };
  }
  throw new SottoError('model-unsupported', `Heads of ${headSize} values do not run on this graphics adapter.`, {
    details: { headSize, workgroupBytes },
  });
}
