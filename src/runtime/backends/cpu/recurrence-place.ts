import type { RecurrentSpec } from '../../architectures/index.ts';
import { type Allocator, type MatrixPlace, roundUp, type WeightPlaces } from './places.ts';
import { RECURRENT_BYTES } from './plan-fields.ts';

/** Where one layer's state and what changes it lie. Addresses; 0 where there is no such thing. */
export interface RecurrencePlace {
  readonly spec: RecurrentSpec;
  readonly record: number;
  readonly channels: MatrixPlace;
  readonly gate: MatrixPlace;
  readonly steps: MatrixPlace | undefined;
  readonly strengths: MatrixPlace | undefined;
  readonly parameters: MatrixPlace | undefined;
  readonly output: MatrixPlace;
  readonly taps: number;
  readonly bias: number;
  readonly decay: number;
  readonly stepBias: number;
  readonly stepWeights: number;
  readonly parameterNorms: Readonly<Record<'t' | 'b' | 'c', number>>;
  readonly skip: number;
  readonly norm: number;
  readonly past: number;
  readonly state: number;
}

export function placeRecurrence(
  spec: RecurrentSpec,
  { memory, places }: { readonly memory: Allocator; readonly places: WeightPlaces },
): RecurrencePlace {
  const { convolution, channels, selection } = spec;
  const norms = selection?.norms;
  return {
    spec,
    record: memory.take(RECURRENT_BYTES),
    channels: places.matrix(channels),
    gate: places.matrix(spec.gate),
    steps: spec.steps && places.matrix(spec.steps),
    strengths: spec.strengths && places.matrix(spec.strengths),
    parameters: selection && places.matrix(selection.parameters),
    output: places.matrix(spec.output),
    taps: places.vector(convolution.taps),
    bias: places.vector(convolution.bias),
    decay: places.vector(spec.decay),
    stepBias: places.vector(spec.stepBias),
    stepWeights: places.vector(selection?.steps),
    parameterNorms: {
      t: places.norm(norms?.t, selection?.rank ?? 0).weight,
      b: places.norm(norms?.b, spec.stateSize).weight,
      c: places.norm(norms?.c, spec.stateSize).weight,
    },
    skip: places.vector(spec.skip),
    norm: places.vector(spec.norm),
    past: memory.take(2 * pastBytes(spec)),
    state: memory.take(stateBytes(spec)),
  };
}

/** Of what the convolution remembers. */
export function pastBytes({ convolution, channels }: RecurrentSpec): number {
  return (convolution.length - 1) * channels.rows * 4;
}

export function stateBytes({ heads, headSize, stateSize }: RecurrentSpec): number {
  return heads * headSize * stateSize * 4;
}

/** Where the parts of a token's projections begin, in values, and how many they are together. */
export function projectionOffsets({ channels, gate, steps, strengths, selection }: RecurrentSpec) {
  const gateAt = roundUp(channels.rows, 8);
  const stepsAt = gateAt + roundUp(gate.rows, 8);
  const strengthsAt = stepsAt + roundUp(steps?.rows ?? 0, 8);
  const parametersAt = strengthsAt + roundUp(strengths?.rows ?? 0, 8);
  return {
    gate: gateAt,
    steps: stepsAt,
    strengths: strengthsAt,
    parameters: parametersAt,
    width: parametersAt + roundUp(selection?.parameters.rows ?? 0, 8),
  };
}
