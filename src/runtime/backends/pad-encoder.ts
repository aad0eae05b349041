import { ggmlTypeByName } from '../../formats/gguf/index.ts';
import type { GgmlTypeName, GgufFile, GgufTensor } from '../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../shared/index.ts';
import type { EncoderLayer, EncoderSpec, VectorSpec, WeightSpec } from '../architectures/index.ts';
import { dequantise } from './blocks/index.ts';
import { readRows } from './read-table.ts';
import { readVector } from './read-vector.ts';

/** An encoder and the bytes of its weights. */
export interface EncoderFile {
  readonly spec: EncoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
}

/** What an engine's kernels go through in whole steps. */
export interface EncoderSteps {
  /** Inputs of a matrix, and values of the inner layer. */
  readonly columns: number;
  readonly head: number;
}

/** Rows or columns in runs, each filled up to `step`. */
interface Runs {
  readonly run: number;
  readonly step: number;
}

/**
 * The same encoder with zeros where its widths are no multiples of what kernels go through at once (TinyBERT: 312 in heads of
 * 26). Zeros change no product: they weigh nothing and nothing is added to them. `hiddenSize` stays the model's, because
 * norms count its values. Padded weights are made here once and lie in memory until the engine has read them; an encoder that fits is
 * given back as it is. Throws `model-unsupported` for heads that are normed by themselves and would have to be padded.
 */
export async function padEncoder(file: EncoderFile, steps: EncoderSteps, signal?: AbortSignal): Promise<EncoderFile> {
  const { spec, source } = file;
  const { hiddenSize, feedForwardSize, heads, headSize } = spec;
  const hidden = { run: hiddenSize, step: upTo(hiddenSize, steps.columns) };
  const inner = { run: feedForwardSize, step: upTo(feedForwardSize, steps.columns) };
  const head = { run: headSize, step: wholeHead(heads, headSize, steps) };
  if ([hidden, inner, head].every(({ run, step }) => run === step)) return file;
  if (head.step !== headSize && spec.layers.some(({ queryNorm, keyNorm }) => queryNorm ?? keyNorm)) {
    const message = `Normed heads of ${headSize} values do not run here.`;
    throw new SottoError('model-unsupported', message, { details: { headSize } });
  }
  const padded = new PaddedTensors(file, signal);
  const outputs = { run: hiddenSize, step: hiddenSize };
  const layers: EncoderLayer[] = [];
  for (const layer of spec.layers) {
    layers.push({
      ...layer,
      query: await padded.weight(layer.query, head, hidden),
      key: await padded.weight(layer.key, head, hidden),
      value: await padded.weight(layer.value, head, hidden),
      attentionOutput: await padded.weight(layer.attentionOutput, outputs, head),
      gate: layer.gate && (await padded.weight(layer.gate, inner, hidden)),
      up: await padded.weight(layer.up, inner, hidden),
      down: await padded.weight(layer.down, outputs, inner),
    });
  }
  return {
    spec: { ...spec, layers, headSize: head.step, trueHeadSize: headSize, feedForwardSize: inner.step },
    gguf: { ...file.gguf, tensors: new Map([...file.gguf.tensors, ...padded.tensors]) },
    source: behind(source, padded.parts),
  };
}

const upTo = (width: number, step: number) => Math.ceil(width / step) * step;

/** All heads together are whole columns too. */
function wholeHead(heads: number, headSize: number, { head, columns }: EncoderSteps): number {
  let size = upTo(headSize, head);
  while ((heads * size) % columns !== 0) size += head;
  return size;
}

/** Tensors that no file holds, as if they stood behind the end of one. */
class PaddedTensors {
  readonly tensors = new Map<string, GgufTensor>();
  readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  readonly #file: EncoderFile;
  readonly #signal: AbortSignal | undefined;
  #end: number;

  constructor(file: EncoderFile, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#signal = signal;
    this.#end = file.source.size;
  }

  async weight(weight: WeightSpec, rows: Runs, columns: Runs): Promise<WeightSpec> {
    if (rows.run === rows.step && columns.run === columns.step) return weight;
    const { gguf, source } = this.#file;
    const { blockLength, blockBytes } = ggmlTypeByName(weight.type);
    const read = await readRows(weight, weight.rows, { gguf, source, signal: this.#signal });
    // Single values are moved as they are; blocks would have to be cut.
    const isWhole = blockLength === 1;
    const bytes = isWhole ? read : bytesOf(dequantise(weight.type, read));
    const type = isWhole ? weight.type : 'F32';
    const width = isWhole ? blockBytes : 4;
    const to = { rows: padded(weight.rows, rows), columns: padded(weight.columns, columns) };
    const values = new Uint8Array(to.rows * to.columns * width);
    for (let row = 0; row < weight.rows; row++) {
      const start = placeOf(row, rows) * to.columns;
      for (let column = 0; column < weight.columns; column += columns.run) {
        const from = (row * weight.columns + column) * width;
        const run = bytes.subarray(from, from + columns.run * width);
        values.set(run, (start + placeOf(column, columns)) * width);
      }
    }
    const name = this.#add(`${weight.name} from ${weight.firstRow}`, type, [to.columns, to.rows], values);
    return { name, type, ...to, firstRow: 0, bias: weight.bias && (await this.#vector(weight.bias, rows)) };
  }

  async #vector(vector: VectorSpec, runs: Runs): Promise<VectorSpec> {
    if (runs.run === runs.step) return vector;
    const { gguf, source } = this.#file;
    const read = await readVector(vector, { gguf, source, signal: this.#signal });
    const values = new Float32Array(padded(vector.size, runs));
    for (const [index, value] of read.entries()) values[placeOf(index, runs)] = value;
    const name = this.#add(`${vector.name} from ${vector.first}`, 'F32', [values.length], bytesOf(values));
    return { name, type: 'F32', size: values.length, first: 0 };
  }

  #add(of: string, type: GgmlTypeName, dimensions: readonly number[], bytes: Uint8Array): string {
    const name = `${of}, padded`;
    this.tensors.set(name, { name, type, dimensions, offset: this.#end, byteLength: bytes.byteLength });
    this.parts.push({ offset: this.#end, bytes });
    this.#end += bytes.byteLength;
    return name;
  }
}

const placeOf = (index: number, { run, step }: Runs) => Math.floor(index / run) * step + (index % run);
const padded = (count: number, { run, step }: Runs) => (count / run) * step;
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** A file with more bytes behind its end, each tensor of them in one piece. */
function behind(source: ByteSource, parts: PaddedTensors['parts']): ByteSource {
  return {
    size: source.size,
    read: async (offset, length, signal) => {
      if (offset < source.size) return source.read(offset, length, signal);
      const part = parts.findLast((one) => one.offset <= offset);
      const start = offset - (part?.offset ?? 0);
      return part?.bytes.subarray(start, start + length) ?? source.read(offset, length, signal);
    },
    release: () => source.release?.(),
  };
}
