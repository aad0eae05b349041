import { BUFFER_USAGE } from './buffer-usage.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { GpuPlan, TablePart } from './gpu-plan.ts';
import { layoutOf, type WeightMatrix, type WeightUpload } from './weights/index.ts';

/** The buffers of one layer. */
export interface LayerBuffers {
  readonly attentionNorm: GPUBuffer;
  readonly feedForwardNorm: GPUBuffer;
  readonly qkv: WeightUpload;
  readonly output: WeightUpload;
  readonly gateUp: WeightUpload;
  readonly down: WeightUpload;
  /** f32, `[key head][head size / 4][position]` of four: scores read neighbouring positions side by side. */
  readonly keys: GPUBuffer;
  /** f32, `[key head][position][head size / 4]` of four: sums read neighbouring values side by side. */
  readonly values: GPUBuffer;
}

/** Every buffer of a loaded model. */
export interface GpuBuffers {
  readonly state: GPUBuffer;
  readonly rope: GPUBuffer;
  readonly finalNorm: GPUBuffer;
  readonly embedding: readonly WeightUpload[];
  readonly head: readonly WeightUpload[];
  readonly layers: readonly LayerBuffers[];
  /** One token. `token` is what is read next; choose writes it. */
  readonly token: GPUBuffer;
  readonly hidden: GPUBuffer;
  readonly queries: GPUBuffer;
  readonly splitValues: GPUBuffer;
  readonly splitStats: GPUBuffer;
  readonly gated: GPUBuffer;
  readonly logits: GPUBuffer;
  readonly candidates: GPUBuffer;
  /** The same for a chunk of tokens, a row each. */
  readonly chunk: {
    readonly tokens: GPUBuffer;
    readonly hidden: GPUBuffer;
    readonly queries: GPUBuffer;
    readonly attended: GPUBuffer;
    readonly gated: GPUBuffer;
  };
  readonly memoryBytes: number;
}

const { copySource, copyTarget, storage, uniform } = BUFFER_USAGE;

/** Creates all buffers of a plan; the caller guards against out-of-memory. Buffers begin as zeros. */
export function createBuffers({ device }: GpuDevice, plan: GpuPlan, headCandidates: number): GpuBuffers {
  const { shape } = plan;
  let memoryBytes = 0;
  const create = (label: string, bytes: number, usage: number = storage | copyTarget): GPUBuffer => {
    const size = Math.ceil(bytes / 16) * 16;
    memoryBytes += size;
    return device.createBuffer({ label, size, usage });
  };
  const matrix = (label: string, of: WeightMatrix): WeightUpload => ({
    matrix: of,
    firstRow: 0,
    rows: of.rows,
    buffer: create(label, layoutOf(of.format, of.rows, of.columns).byteLength),
  });
  const table = (label: string, parts: readonly TablePart[]): readonly WeightUpload[] =>
    parts.map((part) => ({
      ...part,
      buffer: create(label, layoutOf(part.matrix.format, part.rows, part.matrix.columns).byteLength),
    }));
  const embedding = table('embedding', plan.embedding);
  const floats = (label: string, count: number, more = 0) => create(label, count * 4, storage | copyTarget | more);
  const buffers = {
    state: create('state', 8, uniform | storage | copyTarget),
    rope: floats('rope', shape.capacity * plan.spec.rope.dimensions),
    finalNorm: floats('final norm', shape.hiddenStride),
    embedding,
    head: plan.spec.isTied ? embedding : table('head', plan.head),
    layers: plan.layers.map((layer) => ({
      attentionNorm: floats('attention norm', shape.hiddenStride),
      feedForwardNorm: floats('feed-forward norm', shape.hiddenStride),
      qkv: matrix('qkv', layer.qkv),
      output: matrix('attention output', layer.output),
      gateUp: matrix('gate and up', layer.gateUp),
      down: matrix('down', layer.down),
      keys: create('keys', plan.cacheBytes),
      values: create('values', plan.cacheBytes),
    })),
    token: create('token', 4, storage | copyTarget | copySource),
    hidden: floats('hidden', shape.hiddenStride),
    queries: floats('queries', shape.queryStride),
    splitValues: floats('split values', shape.splits * shape.queryWidth),
    splitStats: floats('split stats', shape.splits * shape.heads * 2),
    gated: floats('gated', shape.gatedStride),
    logits: floats('logits', shape.vocabularySize, copySource),
    candidates: floats('candidates', headCandidates * 2),
    chunk: {
      tokens: floats('chunk tokens', plan.chunk),
      hidden: floats('chunk hidden', plan.chunk * shape.hiddenStride, copySource),
      queries: floats('chunk queries', plan.chunk * shape.queryStride),
      attended: floats('chunk attended', plan.chunk * shape.queryStride),
      gated: floats('chunk gated', plan.chunk * shape.gatedStride),
    },
  };
  return { ...buffers, memoryBytes };
}
