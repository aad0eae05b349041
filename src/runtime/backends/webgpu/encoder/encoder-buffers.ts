import { BUFFER_USAGE } from '../buffer-usage.ts';
import type { LayerBuffers, MixerBuffers, NormBuffer, ScratchBuffer } from '../gpu-buffers.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { cacheBytes, type LayerPlan, type MixerPlan, type NormPlan, type TablePart } from '../gpu-plan.ts';
import { vectorBytes } from '../mixer-vectors.ts';
import { matrixBytes, type WeightMatrix, type WeightUpload } from '../weights/index.ts';
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

const { copySource, copyTarget, storage } = BUFFER_USAGE;

/** Creates all buffers of a plan; the caller guards against out-of-memory. Buffers begin as zeros. */
export function createEncoderBuffers(
  { device }: GpuDevice,
  plan: GpuEncoderPlan,
  added: Float32Array<ArrayBuffer>,
): EncoderBuffers {
  const { shape, scratch } = plan;
  let memoryBytes = 0;
  const create = (label: string, bytes: number, more = 0): GPUBuffer => {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    memoryBytes += size;
    return device.createBuffer({ label, size, usage: storage | copyTarget | more });
  };
  const table = (label: string, parts: readonly TablePart[]): readonly WeightUpload[] =>
    parts.map((part) => ({ ...part, buffer: create(label, matrixBytes(part.matrix, part.rows)) }));
  const matrix = (label: string, of: WeightMatrix): WeightUpload =>
    table(label, [{ matrix: of, firstRow: 0, rows: of.rows, before: 0 }])[0]!;
  const norm = (of: NormPlan | undefined): NormBuffer | undefined =>
    of && { plan: of, buffer: create('norm', 8 * shape.hiddenStride) };
  const attentions = shape.layers.flatMap(({ mixers }) => mixers);
  const largest = Math.max(...attentions.map((mixer) => cacheBytes(mixer, shape, plan.cacheFormat)));
  const cache = create('keys and values', largest);
  const attention = ({ shape: of, input, output }: MixerPlan): MixerBuffers => {
    const vectors = vectorBytes(of);
    return {
      shape: of,
      input: table('queries, keys and values', input),
      output: matrix('attention output', output),
      vectors: vectors === 0 ? undefined : create('head norms', vectors),
      cache,
      past: undefined,
    };
  };
  const layer = (of: LayerPlan): LayerBuffers => ({
    plan: of,
    mixers: of.mixers.map(attention),
    block: of.block && {
      plan: of.block,
      gateUp: matrix('gate and up', of.block.gateUp),
      down: matrix('down', of.block.down),
    },
    experts: undefined,
    attentionNorm: norm(of.norms.attention),
    attentionPostNorm: norm(of.norms.attentionPost),
    feedForwardNorm: norm(of.norms.feedForward),
    feedForwardPostNorm: norm(of.norms.feedForwardPost),
  });
  const buffers = {
    scratch: { layout: scratch, buffer: create('texts', scratch.byteLength, copySource) },
    rope: create('rope', shape.capacity * Number(scratch.constants['ANGLE_QUADS']) * 16),
    added: create('positions', added.byteLength),
    embedding: table('embedding', plan.embedding),
    embeddingNorm: norm(plan.embeddingNorm),
    finalNorm: norm(plan.finalNorm),
    layers: plan.layers.map(layer),
    projections: plan.projections.map((of) => matrix('projection', of)),
  };
  return { ...buffers, memoryBytes };
}
