import type { RopeSpec } from '../../architectures/index.ts';
import { readVector } from '../read-vector.ts';
import type { GpuBuffers, NormBuffer } from './gpu-buffers.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { GpuPlan, LayerPlan } from './gpu-plan.ts';
import { type RopeWithFactors, ropeAngles } from './rope-angles.ts';
import { ropeNeighbours } from './rope-neighbours.ts';
import type { UploadOptions } from './weights/index.ts';

type VectorSource = Pick<UploadOptions, 'gguf' | 'source' | 'signal'>;

/** Uploads all that is no matrix: norms with a dispatch of their own, norms of heads, and the table of rope angles. */
export async function uploadVectors(
  { device }: GpuDevice,
  plan: GpuPlan,
  buffers: GpuBuffers,
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
  ]);
  for (const norm of [buffers.finalNorm, ...norms]) {
    if (norm !== undefined) write(norm.buffer, await normVectors(norm, shape.hiddenStride, source));
  }
  for (const { plan: layer, headNorms } of buffers.layers) {
    if (headNorms !== undefined) write(headNorms, await headNormVectors(layer, source));
  }
  const ropes = await Promise.all(shape.ropes.map((rope) => withFactors(rope, shape.capacity, source)));
  const table = ropeAngles(ropes, shape.capacity);
  if (table.length > 0) write(buffers.rope, table);
}

async function normVectors(
  { plan: { weight, bias } }: NormBuffer,
  stride: number,
  source: VectorSource,
): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(2 * stride);
  if (weight !== undefined) values.set(await readVector(weight, source));
  if (bias !== undefined) values.set(await readVector(bias, source), stride);
  return values;
}

/** Weights of the query norm, then of the key norm, in the order that rope gives the rows. */
async function headNormVectors({ spec, shape }: LayerPlan, source: VectorSource): Promise<Float32Array<ArrayBuffer>> {
  const { queryNorm, keyNorm, rope } = spec.attention;
  const place = ropeNeighbours(rope, shape.headSize);
  const values = new Float32Array(shape.queryWidth + shape.keyWidth);
  let start = 0;
  for (const norm of [queryNorm, keyNorm]) {
    if (norm === undefined) continue;
    const weights = await readVector(norm.weight, source);
    for (const [row, weight] of weights.entries()) values[start + place(row)] = weight;
    start += weights.length;
  }
  return values;
}

/** The divisors depend on how long the cache is (longrope). */
async function withFactors(rope: RopeSpec, capacity: number, source: VectorSource): Promise<RopeWithFactors> {
  const { longFactors } = rope;
  const factors = longFactors !== undefined && capacity > longFactors.above ? longFactors.factors : rope.factors;
  return { rope, factors: factors && (await readVector(factors, source)) };
}
