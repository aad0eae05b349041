import type { ConvolutionShape, MixerShape, RecurrentShape } from './mixer-shapes.ts';

/** Positions whose convolution inputs are at hand, and how far apart their checkpoints lie; as on the CPU. */
export const CONVOLUTION_RING = 128;
export const CHECKPOINT_TOKENS = 64;

/** States of one text that are held at a time: a state of a model of half a billion weights takes some 25 MB. */
const MOST_SLOT_BYTES = 128 * 2 ** 20;
const MOST_COPY_BYTES = 64 * 2 ** 20;
/** Two steps ahead hide most of the wait for a result; more than eight gain nothing. */
const FEWEST_SLOTS = 3;
const MOST_SLOTS = 9;
const FEWEST_COPIES = 2;
const MOST_COPIES = 8;

/** How often the states of a model are held. */
export interface StateRoom {
  /** Position p lies in slot p modulo the slots, so that steps that ran for nothing spoil no state that is still needed. */
  readonly slots: number;
  /** What was held before chunks of a prompt, so that a text can be cut there. */
  readonly copies: number;
}

/** Room for the states of all mixers. */
export function stateRoom(mixers: readonly MixerShape[]): StateRoom {
  let bytes = 0;
  for (const mixer of mixers) if (mixer.kind === 'recurrent') bytes += slotBytes(mixer);
  if (bytes === 0) return { slots: 0, copies: 0 };
  const within = (most: number, fewest: number, count: number) =>
    Math.max(fewest, Math.min(count, Math.floor(most / bytes)));
  return {
    slots: within(MOST_SLOT_BYTES, FEWEST_SLOTS, MOST_SLOTS),
    copies: within(MOST_COPY_BYTES, FEWEST_COPIES, MOST_COPIES),
  };
}

/** Of one state, `[head][row][value]`. */
export function stateQuads({ spec: { heads, headSize, stateSize } }: RecurrentShape): number {
  return (heads * headSize * stateSize) / 4;
}

/** Of a state and behind it what its convolution remembers, `[position][channel]`, oldest first. */
export function slotBytes(shape: RecurrentShape): number {
  return 16 * stateQuads(shape) + 4 * (shape.spec.convolution.length - 1) * shape.channels;
}

/** Of the inputs of a short convolution, `[position modulo the ring][channel]`. */
export function ringBytes({ width }: ConvolutionShape): number {
  return 4 * CONVOLUTION_RING * width;
}

/** Of those that stood before every 64th position, `[checkpoint][position][channel]`. */
export function checkpointBytes({ spec, width }: ConvolutionShape, capacity: number): number {
  return 4 * (Math.ceil(capacity / CHECKPOINT_TOKENS) + 1) * (spec.length - 1) * width;
}
