import { SottoError } from '../../../shared/index.ts';
import type { AttentionSpec, ConvolutionSpec, LayerSpec, RecurrentSpec, RopeSpec } from '../../architectures/index.ts';

/** Query heads that share keys in one workgroup, at most: their sums lie in its memory. */
const MOST_GROUP_HEADS = 4;
/** Larger heads are rare (Gemma 4 has 512): they have no prefill tiles, and fewer of them share a workgroup. */
const MOST_TILED_HEAD = 256;
const MOST_HEAD = 512;
/** Threads of a workgroup of decode attention. */
export const ATTENTION_THREADS = 128;
/** f32 values of joined heads that may lie in workgroup memory: with the sums less than 16,384 bytes. */
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

/** What the kernels of one attention are compiled with. */
export interface AttentionShape {
  readonly kind: 'attention';
  readonly spec: AttentionSpec;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly queryWidth: number;
  readonly keyWidth: number;
  /** Projections as they are: queries; keys and values, unless it reads another layer's; and what gates the output. */
  readonly rawWidth: number;
  /** Which of the model's ropes turns the heads; undefined for none. */
  readonly rope: number | undefined;
  /** Whether projections are more than turned, so that a kernel of their own puts them in their places. */
  readonly isPlaced: boolean;
  /** Decode attention: positions a step, query heads a workgroup. */
  readonly splitTile: number;
  readonly groupHeads: number;
  /** Whether the output projection joins the splits itself. */
  readonly joinsInOutput: boolean;
  /** Prefill attention: queries and keys a tile; undefined where each token attends by itself, as in decoding. */
  readonly prefillTile: { readonly tileQueries: number; readonly tileKeys: number } | undefined;
}

/** The same of a short convolution. */
export interface ConvolutionShape {
  readonly kind: 'convolution';
  readonly spec: ConvolutionSpec;
  /** b, c and x, one after the other. */
  readonly rawWidth: number;
  readonly width: number;
}

/** The same of a state that goes from token to token. */
export interface RecurrentShape {
  readonly kind: 'recurrent';
  readonly spec: RecurrentSpec;
  /** Channels, gate, steps and strengths, each from a whole four on; and where the last three begin. */
  readonly rawWidth: number;
  readonly gateAt: number;
  readonly stepsAt: number;
  readonly strengthsAt: number;
  readonly channels: number;
  /** Values of all heads together. */
  readonly width: number;
  /** Threads that share rows of a state, and fours of rows a workgroup. */
  readonly lanes: number;
  readonly rowQuads: number;
}

/** What a layer has before its feed-forward block. */
export type MixerShape = AttentionShape | ConvolutionShape | RecurrentShape;

/** A width up to whole fours: parts of a projection begin there. */
export function wholeQuads(width: number): number {
  return Math.ceil(width / 4) * 4;
}

/**
 * The shapes of a layer's mixer and of what stands beside it. New ropes are added to `ropes`. Throws `model-unsupported`
 * for sizes that the kernels cannot take.
 */
export function mixerShapes(
  { attention, besideAttention }: LayerSpec,
  hiddenSize: number,
  ropes: RopeSpec[],
  workgroupBytes: number,
): readonly MixerShape[] {
  const shapeOf = (spec: LayerSpec['attention']): MixerShape => {
    if (spec.kind === 'attention') return attentionShape(spec, ropes, workgroupBytes);
    return spec.kind === 'convolution' ? convolutionShape(spec, hiddenSize) : recurrentShape(spec);
  };
  // The state first: what gates an attention's output must outlive the attention.
  return [...(besideAttention === undefined ? [] : [shapeOf(besideAttention)]), shapeOf(attention)];
}

function attentionShape(spec: AttentionSpec, ropes: RopeSpec[], workgroupBytes: number): AttentionShape {
  const { heads, keyValueHeads, headSize, rope, queryNorm, keyNorm, outputGate, sharesCacheOf } = spec;
  if (headSize % 4 !== 0 || headSize > MOST_HEAD || (rope !== undefined && rope.dimensions % 2 !== 0)) {
    const details = { headSize, ropeDimensions: rope?.dimensions ?? 0 };
    const message = `Heads of ${headSize} values with rope over ${details.ropeDimensions} do not run on the GPU.`;
    throw new SottoError('model-unsupported', message, { details });
  }
  if (rope !== undefined && !ropes.includes(rope)) ropes.push(rope);
  const queryWidth = heads * headSize;
  const keyWidth = keyValueHeads * headSize;
  return {
    kind: 'attention',
    spec,
    heads,
    keyValueHeads,
    headSize,
    queryWidth,
    keyWidth,
    rawWidth:
      queryWidth + (sharesCacheOf === undefined ? 2 * keyWidth : 0) + (outputGate === undefined ? 0 : queryWidth),
    rope: rope === undefined ? undefined : ropes.indexOf(rope),
    isPlaced: (queryNorm ?? keyNorm ?? outputGate) !== undefined || spec.isValueNormed,
    splitTile: headSize <= 64 ? 64 : 32,
    groupHeads: groupHeads(heads / keyValueHeads, Math.min(MOST_GROUP_HEADS, Math.floor(1024 / headSize))),
    joinsInOutput: queryWidth <= MOST_JOINED_VALUES && outputGate === undefined,
    prefillTile: headSize > MOST_TILED_HEAD ? undefined : attentionTile(headSize, workgroupBytes),
  };
}

function convolutionShape(spec: ConvolutionSpec, hiddenSize: number): ConvolutionShape {
  if (hiddenSize % 4 !== 0) {
    const message = `Short convolutions over ${hiddenSize} values do not run on the GPU.`;
    throw new SottoError('model-unsupported', message, { details: { hiddenSize } });
  }
  return { kind: 'convolution', spec, rawWidth: 3 * hiddenSize, width: hiddenSize };
}

/** Threads of a workgroup, and fours of a state's row that a thread holds in registers, for four rows. */
const RECURRENT_THREADS = 64;
const OWN_QUADS = 4;

function recurrentShape(spec: RecurrentSpec): RecurrentShape {
  if (spec.rule === 'selective') {
    const message =
      'States that are chosen channel by channel (Mamba 1) do not run on the GPU; the processor runs them.';
    throw new SottoError('model-unsupported', message, { details: { rule: spec.rule } });
  }
  const { heads, headSize, stateSize, channels, strengths } = spec;
  const width = heads * headSize;
  const stepsAt = channels.rows + width;
  const strengthsAt = wholeQuads(stepsAt + heads);
  const lanes = Math.min(RECURRENT_THREADS, Math.ceil(stateSize / 4 / OWN_QUADS));
  return {
    kind: 'recurrent',
    spec,
    rawWidth: strengthsAt + (strengths === undefined ? 0 : wholeQuads(heads)),
    gateAt: channels.rows,
    stepsAt,
    strengthsAt,
    channels: channels.rows,
    width,
    lanes,
    rowQuads: Math.min(headSize / 4, Math.floor(RECURRENT_THREADS / lanes)),
  };
}

/** The most heads that share a key head evenly. */
function groupHeads(headsAKey: number, most: number): number {
  for (let count = Math.min(most, headsAKey); count > 1; count--) if (headsAKey % count === 0) return count;
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
