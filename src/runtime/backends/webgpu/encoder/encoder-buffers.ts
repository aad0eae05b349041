import { BufferMaker } from '../buffer-maker.ts';
import { BUFFER_USAGE } from '../buffer-usage.ts';
import type { LayerBuffers, MixerBuffers, NormBuffer, ScratchBuffer } from '../gpu-buffers.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { cacheBytes, type LayerPlan, type MixerPlan, type NormPlan } from '../gpu-plan.ts';
import { vectorBytes } from '../mixer-vectors.ts';
import type { WeightUpload } from '../weights/index.ts';
import type { GpuEncoderPlan } from './encoder-plan.ts';

/** Every buffer of a loaded encoder. */
export interface EncoderBuffers {
  readonly scratch: ScratchBuffer;
  readonly rope: GPUBuffer;
  /** What is added to the embedding: rows of positions, one row for all, or nothing. */
  readonly added: GPUBuffer;
  readonly embedding: readonly WeightUpload[];
  readonly embeddingNorm: NormBuffer | undefined;
  readonly finalNorm: NormBuffer | undefined;
  /** All with the same buffer for keys and values: of one layer nothing is needed in the next. */
  readonly layers: readonly LayerBuffers[];
  readonly projections: readonly WeightUpload[];
  readonly memoryBytes: number;
}

const { copySource } = BUFFER_USAGE;

/** Creates all buffers of a plan. */
export function createEncoderBuffers(
  gpu: GpuDevice,
  plan: GpuEncoderPlan,
  added: Float32Array<ArrayBuffer>,
): EncoderBuffers {
  const { shape, scratch } = plan;
  const maker = new BufferMaker(gpu);
  const norm = (of: NormPlan | undefined): NormBuffer | undefined =>
    of && { plan: of, buffer: maker.create('norm', 8 * shape.hiddenStride) };
  const attentions = shape.layers.flatMap(({ mixers }) => mixers);
  const largest = Math.max(...attentions.map((mixer) => cacheBytes(mixer, shape, plan.cacheFormat)));
  const cache = maker.create('keys and values', largest);
  const attention = ({ shape: of, input, output }: MixerPlan): MixerBuffers => {
    const vectors = vectorBytes(of);
    return {
      shape: of,
      input: maker.table('queries, keys and values', input),
      output: maker.matrix('attention output', output),
      vectors: vectors === 0 ? undefined : maker.create('head norms', vectors),
      cache,
      past: undefined,
    };
  };
  const layer = (of: LayerPlan): LayerBuffers => ({
    plan: of,
    mixers: of.mixers.map(attention),
    block: of.block && {
      plan: of.block,
      gateUp: maker.matrix('gate and up', of.block.gateUp),
      down: maker.matrix('down', of.block.down),
    },
    experts: undefined,
    layerInput: undefined,
    attentionNorm: norm(of.norms.attention),
    attentionPostNorm: norm(of.norms.attentionPost),
    feedForwardNorm: norm(of.norms.feedForward),
    feedForwardPostNorm: norm(of.norms.feedForwardPost),
  });
  const buffers = {
    scratch: { layout: scratch, buffer: maker.create('texts', scratch.byteLength, copySource) },
    rope: maker.create('rope', shape.capacity * Number(scratch.constants['ANGLE_QUADS']) * 16),
    added: maker.create('positions', added.byteLength),
    embedding: maker.table('embedding', plan.embedding),
    embeddingNorm: norm(plan.embeddingNorm),
    finalNorm: norm(plan.finalNorm),
    layers: plan.layers.map(layer),
    projections: plan.projections.map((of) => maker.matrix('projection', of)),
  };
  return { ...buffers, memoryBytes: maker.bytes };
}
