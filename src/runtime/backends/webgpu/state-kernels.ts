import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import type { RecurrentShape } from './mixer-shapes.ts';
import { recurrentVectors } from './mixer-vectors.ts';
import { wholeBlocks } from './model-shape.ts';
import { slotBytes, stateQuads } from './state-room.ts';

const CHANNEL_THREADS = 64;
const SPAN_THREADS = 64;

/** A kernel of a state, with all that it knows of the state. */
export interface StateKernel extends Pick<StepRequest, 'kernel' | 'constants' | 'workgroups'> {
  /** How many it binds of the scratch buffer, the vectors and the states. */
  readonly binds: 2 | 3;
}

/** Between the projections: the channels, the state itself, and what gates and norms what it gave. */
export function stateKernels(shape: RecurrentShape, slots: number): readonly StateKernel[] {
  const { spec, channels, width, lanes, rowQuads } = shape;
  const { heads, headSize, norm, rule, groups } = spec;
  const span = norm === undefined ? width : rule === 'delta' ? headSize : width / groups;
  const constants = stateConstants(shape, slots, span);
  return [
    {
      kernel: 'state-channels',
      constants: { ...constants, WORKGROUP: CHANNEL_THREADS },
      binds: 3,
      workgroups: (count) => [Math.ceil(channels / 4 / CHANNEL_THREADS), count],
    },
    {
      kernel: 'state',
      constants: { ...constants, WORKGROUP: lanes * rowQuads },
      binds: 3,
      workgroups: () => [Math.ceil(headSize / 4 / rowQuads), heads],
    },
    {
      kernel: 'state-gate',
      constants: { ...constants, WORKGROUP: SPAN_THREADS },
      binds: 2,
      workgroups: (count) => [width / span, count],
    },
  ];
}

/** `span`: values that are normed together. */
function stateConstants(shape: RecurrentShape, slots: number, span: number): ShaderConstants {
  const { spec, channels, width } = shape;
  const { heads, headSize, stateSize, groups, convolution, norm } = spec;
  const isDelta = spec.rule === 'delta';
  const at = recurrentVectors(shape);
  const shared = groups * stateSize;
  return {
    RAW_QUADS: wholeBlocks(shape.rawWidth) / 4,
    GATE_QUADS: shape.gateAt / 4,
    STEPS_AT: shape.stepsAt,
    STRENGTHS_AT: shape.strengthsAt,
    IS_DELTA: isDelta,
    HEADS: heads,
    GROUPS: groups,
    HEAD_QUADS: headSize / 4,
    ROW_QUADS: stateSize / 4,
    CHANNEL_QUADS: channels / 4,
    // Of the channels: values of the heads, then what is shared, or the other way round.
    VALUES_QUADS: isDelta ? (2 * shared) / 4 : 0,
    KEYS_QUADS: (isDelta ? shared : width) / 4,
    QUERIES_QUADS: (isDelta ? 0 : width + shared) / 4,
    LENGTH: convolution.length,
    HAS_CONVOLUTION_BIAS: convolution.bias !== undefined,
    CONVOLUTION_BIAS_QUADS: at.biasAt / 4,
    DECAY_AT: at.decayAt,
    STEP_BIAS_AT: at.stepBiasAt,
    SKIP_AT: at.skipAt,
    NORM_QUADS: at.normAt / 4,
    NORM_STEP_QUADS: isDelta ? 0 : span / 4,
    HAS_NORM: norm !== undefined,
    SPAN_QUADS: span / 4,
    SPANS: width / span,
    INNER_QUADS: width / 4,
    MIXED_QUADS: wholeBlocks(width) / 4,
    STATE_QUADS: stateQuads(shape),
    SLOT_QUADS: slotBytes(shape) / 16,
    SLOTS: slots,
    LANES: shape.lanes,
    TILE_QUADS: shape.rowQuads,
  };
}
