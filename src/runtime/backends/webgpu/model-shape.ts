import type { DecoderSpec, FeedForwardSpec, LayerSpec, RopeSpec } from '../../architectures/index.ts';
import { type ExpertsShape, expertsShape } from './experts-plan.ts';
import { type MixerShape, mixerShapes } from './mixer-shapes.ts';
import { type StateRoom, stateRoom } from './state-room.ts';

/** The most parts that the positions of a decode step are dealt out to. */
const MOST_SPLITS = 16;
/** f32 values of shares that may lie in workgroup memory. */
const MOST_SHARES = 1024;

/** What the kernels of one layer are compiled with. */
export interface LayerShape {
  /** Two where a state stands beside attention. */
  readonly mixers: readonly MixerShape[];
  /** Of the block that every token gets; 0 where it gets none. */
  readonly gatedSize: number;
  readonly experts: ExpertsShape | undefined;
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
  readonly attendedStride: number;
  readonly rawStride: number;
  readonly gatedStride: number;
  readonly routedStride: number;
  /** What experts leave for one token: chosen blocks, values of all experts' gates, pairs. */
  readonly slots: number;
  readonly expertGatedStride: number;
  readonly pairs: number;
  readonly experts: number;
  readonly channelStride: number;
  readonly mixedStride: number;
  readonly heads: number;
  /** The different ropes of the layers. */
  readonly ropes: readonly RopeSpec[];
  readonly layers: readonly LayerShape[];
  /** How often states are held. */
  readonly states: StateRoom;
}

/** Throws `model-unsupported` for head sizes and widths that the kernels cannot take. */
export function modelShape(spec: DecoderSpec, contextLength: number, workgroupBytes: number): ModelShape {
  const ropes: RopeSpec[] = [];
  const layers = spec.layers.map((layer): LayerShape => {
    const mixers = mixerShapes(layer, spec.hiddenSize, ropes, workgroupBytes);
    const { feedForward } = layer;
    const experts = feedForward?.kind === 'experts' ? expertsShape(feedForward) : undefined;
    return { mixers, gatedSize: blockOf(feedForward)?.size ?? 0, experts };
  });
  const mixers = layers.flatMap((layer) => layer.mixers);
  const most = (of: (mixer: MixerShape) => number) => Math.max(0, ...mixers.map(of));
  const mostOf = (of: (experts: ExpertsShape) => number) =>
    Math.max(0, ...layers.map(({ experts }) => (experts === undefined ? 0 : of(experts))));
  const heads = most((mixer) => (mixer.kind === 'attention' ? mixer.heads : 0));
  const queryWidth = most((mixer) => (mixer.kind === 'attention' ? mixer.queryWidth : 0));
  const inputSize = spec.layerInputs?.size ?? 0;
  const convolved = most((mixer) => (mixer.kind === 'convolution' ? mixer.width : 0));
  return {
    hiddenSize: spec.hiddenSize,
    hiddenStride: wholeBlocks(spec.hiddenSize),
    vocabularySize: spec.vocabularySize,
    capacity: contextLength,
    splits: Math.max(1, Math.min(MOST_SPLITS, Math.floor(MOST_SHARES / heads))),
    queryStride: wholeBlocks(queryWidth),
    attendedStride: wholeBlocks(Math.max(queryWidth, convolved)),
    rawStride: wholeBlocks(
      Math.max(
        inputSize * layers.length,
        most(({ rawWidth }) => rawWidth),
      ),
    ),
    gatedStride: wholeBlocks(Math.max(inputSize, ...layers.map(({ gatedSize }) => gatedSize))),
    routedStride: wholeBlocks(mostOf(({ routedRows }) => routedRows)),
    slots: mostOf(({ slots }) => slots),
    expertGatedStride: mostOf(({ used, expertSize }) => used * wholeBlocks(expertSize)),
    pairs: mostOf(({ used }) => used),
    experts: mostOf(({ experts }) => experts),
    channelStride: wholeBlocks(most((mixer) => (mixer.kind === 'recurrent' ? mixer.channels : 0))),
    mixedStride: wholeBlocks(most((mixer) => (mixer.kind === 'recurrent' ? mixer.width : 0))),
    heads,
    ropes,
    layers,
    states: stateRoom(mixers),
  };
}

/** The feed-forward block that every token gets: the only one, or the one that experts share. */
export function blockOf(feedForward: LayerSpec['feedForward']): FeedForwardSpec | undefined {
  return feedForward?.kind === 'experts' ? feedForward.shared : feedForward;
}

/** A width up to whole blocks of 32. */
export function wholeBlocks(width: number): number {
  return Math.ceil(width / 32) * 32;
}
