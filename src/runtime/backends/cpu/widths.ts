import { type DecoderSpec, type LayerSpec, recurrencesOf } from '../../architectures/index.ts';
import { projectionOffsets } from './recurrence-place.ts';

/** The largest of what layers may differ in, in values of one token: buffers are shared by all layers. */
export interface Widths {
  readonly query: number;
  readonly heads: number;
  readonly qkv: number;
  readonly perKeyValue: number;
  readonly perKeyValueWidth: number;
  /** Of one block. */
  readonly feedForward: number;
  /** Of all experts that one token gets, one after the other. */
  readonly chosen: number;
  readonly experts: number;
  readonly expertsUsed: number;
  /** What a recurrent layer's projections give, and the values of all its heads. */
  readonly recurrentIn: number;
  readonly recurrentOut: number;
  /** What all layers get besides the residual stream. */
  readonly layerInputs: number;
  /** Gates that wait for the others of their token. */
  readonly waitingGates: number;
  readonly widest: number;
}

export function widthsOf(spec: DecoderSpec): Widths {
  const most = (of: (layer: LayerSpec) => number) => Math.max(0, ...spec.layers.map(of));
  const ofAttention = (of: (heads: number, keyValueHeads: number, headSize: number) => number) =>
    most(({ attention }) =>
      attention.kind === 'attention' ? of(attention.heads, attention.keyValueHeads, attention.headSize) : 0,
    );
  const ofExperts = (of: (count: number, used: number) => number) =>
    most(({ feedForward }) => (feedForward?.kind === 'experts' ? of(feedForward.experts.length, feedForward.used) : 0));
  const hasConvolution = spec.layers.some(({ attention }) => attention.kind === 'convolution');
  const query = Math.max(
    ofAttention((heads, _, size) => heads * size),
    hasConvolution ? spec.hiddenSize : 0,
  );
  const rank = most(({ lowRank }) => lowRank?.down.rows ?? 0);
  const feedForward = Math.max(most(blockWidth), spec.layerInputs?.size ?? 0, rank);
  const recurrences = recurrencesOf(spec);
  const recurrentOut = Math.max(0, ...recurrences.map(({ heads, headSize }) => heads * headSize));
  return {
    query,
    heads: ofAttention((heads) => heads),
    qkv: Math.max(
      // As many again where the heads' outputs are gated.
      most(({ attention }) => {
        if (attention.kind !== 'attention') return 0;
        const { heads, keyValueHeads, headSize, outputGate } = attention;
        return ((outputGate === undefined ? 1 : 2) * heads + 2 * keyValueHeads) * headSize;
      }),
      hasConvolution ? 3 * spec.hiddenSize : 0,
    ),
    perKeyValue: ofAttention((heads, keyValueHeads) => heads / keyValueHeads),
    perKeyValueWidth: ofAttention((heads, keyValueHeads, size) => (heads / keyValueHeads) * size),
    feedForward,
    chosen: most(chosenWidth),
    experts: ofExperts((count) => Math.ceil(count / 8) * 8),
    expertsUsed: ofExperts((_, used) => used),
    recurrentIn: Math.max(0, ...recurrences.map((recurrent) => projectionOffsets(recurrent).width)),
    recurrentOut,
    layerInputs: (spec.layerInputs?.size ?? 0) * spec.layers.length,
    waitingGates: most(({ feedForward }) =>
      feedForward?.kind === 'dense' && feedForward.cutoff !== undefined ? feedForward.size : 0,
    ),
    widest: Math.max(spec.hiddenSize, feedForward, query, recurrentOut),
  };
}

function blockWidth({ feedForward }: LayerSpec): number {
  if (feedForward?.kind !== 'experts') return feedForward?.size ?? 0;
  return Math.max(feedForward.experts[0]!.size, feedForward.shared?.size ?? 0);
}

function chosenWidth({ feedForward }: LayerSpec): number {
  if (feedForward?.kind !== 'experts') return 0;
  return feedForward.used * feedForward.experts[0]!.size + (feedForward.shared?.size ?? 0);
}
