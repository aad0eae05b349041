import { SottoError } from '../../../shared/index.ts';
import type { WeightSpec } from '../../architectures/index.ts';
import type { PlainDecoder, PlainLayer } from '../plain-decoder.ts';
import { gemmTuning, matvecTuning } from './matrix-tuning.ts';
import { type ModelShape, modelShape } from './model-shape.ts';
import { formatOf, fuseRows, layoutOf, type MatrixPart, supportedTypes, type WeightMatrix } from './weights/index.ts';

/** Rows of a table that share a buffer. */
export interface TablePart {
  readonly matrix: WeightMatrix;
  readonly firstRow: number;
  readonly rows: number;
}

/** The matrices of one layer, each one kernel's work. */
export interface LayerPlan {
  readonly spec: PlainLayer;
  readonly qkv: WeightMatrix;
  readonly output: WeightMatrix;
  readonly gateUp: WeightMatrix;
  readonly down: WeightMatrix;
}

/** Everything that will lie in GPU memory, worked out before anything is allocated. */
export interface GpuPlan {
  readonly spec: PlainDecoder;
  readonly shape: ModelShape;
  /** Most tokens of one prefill chunk; a multiple of every tile. */
  readonly chunk: number;
  readonly layers: readonly LayerPlan[];
  readonly embedding: readonly TablePart[];
  /** The same array as `embedding` where the two are tied. */
  readonly head: readonly TablePart[];
  /** Bytes of the keys, and of the values, of one layer. */
  readonly cacheBytes: number;
}

/** What an adapter allows (the fields of `GPUSupportedLimits` that matter here). */
export type PlanLimits = Pick<
  GPUSupportedLimits,
  'maxBufferSize' | 'maxStorageBufferBindingSize' | 'maxComputeWorkgroupsPerDimension'
>;

/** The longest chunk: longer ones gain no speed and cost memory and patience after an abort. */
const MOST_CHUNK_TOKENS = 512;
const TILE_TOKENS = 64;
/** Parts of a table are whole tiles of every kernel that reads it. */
const PART_ROWS = 64;

/**
 * Plans the buffers. Throws `model-unsupported` for block types and shapes without kernels, `backend-unavailable` with the
 * numbers for what the adapter's limits cannot hold: before a byte has been read.
 */
export function planGpu(spec: PlainDecoder, contextLength: number, limits: PlanLimits): GpuPlan {
  const shape = modelShape(spec, contextLength);
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const cacheBytes = shape.keyWidth * shape.capacity * 4;
  checkBytes('the KV cache of a layer', cacheBytes, largest);
  const layers = spec.layers.map((layer) => planLayer(spec, layer));
  for (const { qkv, output, gateUp, down } of layers) {
    for (const matrix of [qkv, output, gateUp, down]) {
      const name = matrix.parts.map((part) => part.weight.name).join(' + ');
      checkBytes(name, layoutOf(matrix.format, matrix.rows, matrix.columns).byteLength, largest);
    }
  }
  const embedding = planTable(spec.embedding, largest);
  const head = spec.isTied ? embedding : planTable(spec.output, largest);
  checkBytes('the logits of a tile', TILE_TOKENS * spec.vocabularySize * 4, largest);
  const chunk = Math.min(MOST_CHUNK_TOKENS, Math.ceil(contextLength / TILE_TOKENS) * TILE_TOKENS);
  checkBytes('the feed-forward values of a chunk', chunk * shape.gatedStride * 4, largest);
  checkWorkgroups(shape, limits.maxComputeWorkgroupsPerDimension);
  return { spec, shape, chunk, layers, embedding, head, cacheBytes };
}

function planLayer(spec: PlainDecoder, layer: PlainLayer): LayerPlan {
  const { query, key, value, gate, up } = layer;
  const turn = ropeNeighbours(spec);
  const fused = (...parts: readonly MatrixPart[]) => {
    for (const { weight } of parts) checkType(weight);
    return fuseRows(parts);
  };
  return {
    spec: layer,
    qkv: fused(
      { weight: query, placeOf: turn },
      { weight: key, placeOf: (row) => query.rows + turn(row) },
      { weight: value, placeOf: (row) => query.rows + key.rows + row },
    ),
    output: fused(inOrder(layer.attentionOutput)),
    gateUp: fused({ weight: gate, placeOf: (row) => 2 * row }, { weight: up, placeOf: (row) => 2 * row + 1 }),
    down: fused(inOrder(layer.down)),
  };
}

const inOrder = (weight: WeightSpec): MatrixPart => ({ weight, placeOf: (row) => row });

/**
 * Where a row of Q or K goes so that the two that turn together are neighbours. Q and K are reordered alike, and a dot
 * product does not mind: kernels need to know one kind of rope only.
 */
function ropeNeighbours({ rope, attention }: PlainDecoder): (row: number) => number {
  if (rope.kind === 'interleaved') return (row) => row;
  const half = rope.dimensions / 2;
  return (row) => {
    const dimension = row % attention.headSize;
    if (dimension >= rope.dimensions) return row;
    const place = dimension < half ? 2 * dimension : 2 * (dimension - half) + 1;
    return row - dimension + place;
  };
}

function planTable(weight: WeightSpec, largest: number): readonly TablePart[] {
  checkType(weight);
  const matrix = fuseRows([inOrder(weight)]);
  const unit = layoutOf(matrix.format, PART_ROWS, matrix.columns).byteLength;
  checkBytes(`${PART_ROWS} rows of ${weight.name}`, unit, largest);
  const most = Math.floor(largest / unit) * PART_ROWS;
  const parts: TablePart[] = [];
  for (let firstRow = 0; firstRow < weight.rows; firstRow += most) {
    parts.push({ matrix, firstRow, rows: Math.min(most, weight.rows - firstRow) });
  }
  return parts;
}

function checkType({ name, type }: WeightSpec): void {
  if (formatOf(type) !== undefined) return;
  throw new SottoError('model-unsupported', `${name} is stored as ${type}; the GPU engine runs ${supportedTypes()}.`, {
    details: { tensor: name, type },
  });
}

function checkBytes(what: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  const message = `The graphics adapter allows buffers of ${most} bytes; ${what} would need ${bytes}.`;
  throw new SottoError('backend-unavailable', message, { details: { bytes, most } });
}

function checkWorkgroups(shape: ModelShape, most: number): void {
  for (const role of ['qkv', 'output', 'gateUp', 'down', 'head'] as const) {
    const { rowGroups, rowsAThread } = matvecTuning(role, shape.hiddenSize);
    const rows = {
      qkv: shape.queryWidth + 2 * shape.keyWidth,
      output: shape.hiddenSize,
      gateUp: 2 * shape.feedForwardSize,
      down: shape.hiddenSize,
      head: shape.vocabularySize,
    }[role];
    const workgroups = Math.ceil(rows / Math.min(rowGroups * rowsAThread, gemmTuning(role).tileRows));
    if (workgroups <= most) continue;
    const message = `The graphics adapter allows ${most} workgroups; this model needs ${workgroups}.`;
    throw new SottoError('backend-unavailable', message, { details: { workgroups, most } });
  }
}
