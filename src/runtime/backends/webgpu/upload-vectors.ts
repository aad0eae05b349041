import { type RopeSpec, ropeFactorsOf } from '../../architectures/index.ts';
import { readVector } from '../read-vector.ts';
import type { GpuBuffers, NormBuffer } from './gpu-buffers.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { GpuPlan } from './gpu-plan.ts';
import { mixerVectors, type VectorSource } from './mixer-vectors.ts';
import { type RopeWithFactors, ropeAngles } from './rope-angles.ts';

/** Uploads all that is no matrix: norms with a dispatch of their own, norms of heads, and the table of rope angles. */
export async function uploadVectors(
  { device }: GpuDevice,
  plan: Pick<GpuPlan, 'shape'>,
  buffers: Pick<GpuBuffers, 'finalNorm' | 'layers' | 'rope'> & Partial<Pick<GpuBuffers, 'layerInputs'>>,
  from: {
    readonly gguf: VectorSource['gguf'];
    readonly source: VectorSource['source'];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const source: VectorSource = { ...from, signal: from.signal };
  const { shape } = plan;
  const write = (buffer: GPUBuffer, values: Float32Array<ArrayBuffer>) => device.queue.writeBuffer(buffer, 0, values);
  const norms = buffers.layers.flatMap((layer) => [
    layer.attentionNorm,
    layer.attentionPostNorm,
    layer.feedForwardNorm,
    layer.feedForwardPostNorm,
    layer.layerInput?.norm,
  ]);
  for (const norm of [buffers.finalNorm, ...norms]) {
    if (norm !== undefined) write(norm.buffer, await normVectors(norm, shape.hiddenStride, source));
  }
  if (buffers.layerInputs !== undefined) {
    const { norm, plan: of } = buffers.layerInputs;
    write(norm.buffer, await normVectors(norm, of.spec.size, source));
  }
  for (const { experts } of buffers.layers) {
    const selectionBias = experts?.plan.spec.selectionBias;
    if (selectionBias !== undefined) write(experts!.selectionBias, await readVector(selectionBias, source));
  }
  for (const { shape: mixer, vectors } of buffers.layers.flatMap(({ mixers }) => mixers)) {
    if (vectors !== undefined) write(vectors, await mixerVectors(mixer, source));
  }
  const ropes = await Promise.all(shape.ropes.map((rope) => withFactors(rope, shape.capacity, source)));
  const table = ropeAngles(ropes, shape.capacity);
  if (table.length > 0) write(buffers.rope, table);
}

/** Weights, then the bias, each up to a whole stride, and the factor behind them. */
export async function normVectors(
  { plan: { weight, bias, streamScale } }: NormBuffer,
  stride: number,
  source: VectorSource,
): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(2 * stride + (streamScale === undefined ? 0 : 1));
  if (weight !== undefined) values.set(await readVector(weight, source));
  if (bias !== undefined) values.set(await readVector(bias, source), stride);
  if (streamScale !== undefined) values.set(await readVector(streamScale, source), 2 * stride);
  return values;
}

async function withFactors(rope: RopeSpec, capacity: number, source: VectorSource): Promise<RopeWithFactors> {
  const factors = ropeFactorsOf(rope, capacity);
  return { rope, factors: factors && (await readVector(factors, source)) };
}
