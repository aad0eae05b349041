import { readVector } from '../read-vector.ts';
import type { AttentionShape, ConvolutionShape, MixerShape, RecurrentShape } from './mixer-shapes.ts';
import { wholeQuads } from './mixer-shapes.ts';
import { ropeNeighbours } from './rope-neighbours.ts';
import type { UploadOptions } from './weights/index.ts';

/** Where vectors of a model are read from. */
export type VectorSource = Pick<UploadOptions, 'gguf' | 'source' | 'signal'>;

/** Where the vectors of a state lie, in values: behind the taps of its convolution. */
export function recurrentVectors({ spec, channels, width }: RecurrentShape) {
  const biasAt = spec.convolution.length * channels;
  const decayAt = biasAt + channels;
  const stepBiasAt = decayAt + wholeQuads(spec.heads);
  const skipAt = stepBiasAt + wholeQuads(spec.heads);
  const normAt = skipAt + wholeQuads(spec.heads);
  return { biasAt, decayAt, stepBiasAt, skipAt, normAt, size: normAt + width };
}

/** Bytes of all that is no matrix of a mixer. */
export function vectorBytes(mixer: MixerShape): number {
  if (mixer.kind === 'convolution') return 4 * mixer.spec.length * mixer.width;
  if (mixer.kind === 'recurrent') return 4 * recurrentVectors(mixer).size;
  return 4 * (sinksAt(mixer) + (mixer.spec.sinks === undefined ? 0 : mixer.heads));
}

/** Where the sinks of an attention lie, in values: behind the norms, where it has some. */
export function sinksAt({ isPlaced, queryWidth, keyWidth }: AttentionShape): number {
  return isPlaced ? queryWidth + keyWidth : 0;
}

/** The vectors in the order of the kernels. */
export function mixerVectors(mixer: MixerShape, source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
  if (mixer.kind === 'convolution') return convolutionVectors(mixer, source);
  return mixer.kind === 'recurrent' ? stateVectors(mixer, source) : attentionVectors(mixer, source);
}

/** Weights of the query norm, then of the key norm, in the order that rope gives the rows; then the sinks. */
async function attentionVectors(shape: AttentionShape, source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
  const { queryNorm, keyNorm, rope, sinks } = shape.spec;
  const place = ropeNeighbours(rope, shape.headSize);
  const values = new Float32Array(vectorBytes(shape) / 4);
  let start = 0;
  for (const norm of [queryNorm, keyNorm]) {
    if (norm === undefined) continue;
    const weights = await readVector(norm.weight, source);
    for (const [row, weight] of weights.entries()) values[start + place(row)] = weight;
    start += weights.length;
  }
  if (sinks !== undefined) values.set(await readVector(sinks, source), sinksAt(shape));
  return values;
}

async function convolutionVectors(
  { spec, width }: ConvolutionShape,
  source: VectorSource,
): Promise<Float32Array<ArrayBuffer>> {
  return tapsByPosition(await readVector(spec.taps, source), spec.length, width);
}

async function stateVectors(shape: RecurrentShape, source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
  const { convolution, decay, stepBias, skip, norm } = shape.spec;
  const at = recurrentVectors(shape);
  const values = new Float32Array(at.size);
  values.set(tapsByPosition(await readVector(convolution.taps, source), convolution.length, shape.channels));
  for (const [vector, start] of [
    [convolution.bias, at.biasAt],
    [decay, at.decayAt],
    [stepBias, at.stepBiasAt],
    [skip, at.skipAt],
    [norm, at.normAt],
  ] as const) {
    if (vector !== undefined) values.set(await readVector(vector, source), start);
  }
  return values;
}

/** The file has the taps of a channel together; threads take neighbouring channels. */
function tapsByPosition(taps: Float32Array, length: number, channels: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < length; i++) values[i * channels + channel] = taps[channel * length + i]!;
  }
  return values;
}
