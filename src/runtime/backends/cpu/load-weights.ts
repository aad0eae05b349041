import { ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgmlTypeName, GgufFile } from '../../../formats/gguf/types.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { VectorSpec } from '../../architectures/index.ts';
import { dequantise, quantiseQ8_0 } from '../blocks/index.ts';
import type { RequantisedWeights } from '../decoder-backend.ts';
import { readVector } from '../read-vector.ts';
import { RequantisationLog } from '../requantisation-log.ts';
import type { EngineExports } from './engine-module.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { MatrixPlace } from './places.ts';

export interface LoadWeightsOptions {
  readonly plan: MemoryPlan;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly memory: WebAssembly.Memory;
  readonly exports: EngineExports;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Brings the tensors into WASM memory piece by piece. Outside of their final place no more than one piece (~1 MB) exists
 * at a time, whatever the size of the model, and an abort is noticed between pieces. Resolves with what had to be requantised.
 */
export async function loadWeights(options: LoadWeightsOptions): Promise<readonly RequantisedWeights[]> {
  const log = new RequantisationLog();
  const { plan, gguf, signal, onProgress } = options;
  const tensors = [
    ...plan.vectors.flatMap(({ vector, size, address }) => {
      if (vector === undefined) {
        new Float32Array(options.memory.buffer, address, size).fill(1);
        return [];
      }
      const tensor = tensorOf(gguf, vector.name);
      const bytes = (tensor.byteLength / tensor.dimensions.reduce((product, n) => product * n, 1)) * size;
      return [{ tensor, bytes, load: () => loadVector(options, vector, address, bytes, advance) }];
    }),
    ...plan.matrices.map((place) => ({
      tensor: tensorOf(gguf, place.weight.name),
      bytes: place.weight.rows * rowBytes(place.weight.type, place.weight.columns),
      load: () => loadMatrix(options, place, log, advance),
    })),
  ];
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  // In the order of the file: a stored file is read, and verified, once and from front to back.
  tensors.sort((a, b) => a.tensor.offset - b.tensor.offset);

  let loaded = 0;
  const advance = (bytes: number) => {
    throwIfAborted(signal);
    loaded += bytes;
    onProgress?.(loaded, total);
  };
  for (const { load } of tensors) await load();
  return log.summary();
}

function tensorOf(gguf: GgufFile, name: string) {
  const tensor = gguf.tensors.get(name);
  if (tensor === undefined) throw new SottoError('gguf-invalid', `The file lacks the tensor ${name}.`);
  return tensor;
}

async function loadVector(
  { gguf, source, memory, signal }: LoadWeightsOptions,
  vector: VectorSpec,
  address: number,
  bytes: number,
  advance: (bytes: number) => void,
) {
  const values = await readVector(vector, { gguf, source, signal });
  new Float32Array(memory.buffer, address, values.length).set(values);
  advance(bytes);
}

async function loadMatrix(
  options: LoadWeightsOptions,
  place: MatrixPlace,
  log: RequantisationLog,
  advance: (bytes: number) => void,
) {
  const { plan, gguf, source, memory, exports, signal } = options;
  const { weight, type } = place;
  const { offset } = tensorOf(gguf, weight.name);
  const fileRowBytes = rowBytes(weight.type, weight.columns);
  const heldRowBytes = place.blocks * type.fileBytes;
  const rowsAtOnce = Math.floor(plan.stagingBytes / heldRowBytes / 8) * 8;
  const run = weight.stripes?.rows ?? weight.rows;
  for (let row = 0; row < weight.rows; ) {
    const rows = Math.min(rowsAtOnce, run - (row % run));
    const inFile = weight.firstRow + Math.floor(row / run) * (weight.stripes?.every ?? 0) + (row % run);
    const from = offset + inFile * fileRowBytes;
    const bytes = rows * fileRowBytes;
    const staging = new Uint8Array(memory.buffer, plan.buffers.staging, rows * heldRowBytes);
    if (type.heldAs !== weight.type) {
      const read = await source.read(from, bytes, signal);
      log.add(weight, type.heldAs, quantiseQ8_0(dequantise(weight.type, read), staging));
    } else if (source.readInto === undefined) {
      staging.set(await source.read(from, bytes, signal));
    } else {
      await source.readInto(from, staging, signal);
    }
    const to = place.address + (row / 8) * place.stride;
    exports.repack(type.repack, plan.buffers.staging, rows, place.blocks, to, place.stride);
    if (place === plan.head && plan.outline !== undefined) exports.outline(row / 8, Math.ceil(rows / 8));
    advance(bytes);
    row += rows;
  }
}

function rowBytes(type: GgmlTypeName, columns: number): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return (columns / blockLength) * blockBytes;
}
