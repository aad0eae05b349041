import { byteLengthOf, ggufHeader, paddingAfter } from '../../formats/gguf/index.ts';
import { throwIfAborted } from '../../shared/index.ts';
import { DECODER_FAMILIES, headSizes } from './decoder-families.ts';
import { BERT } from './encoder-families.ts';
import type { Family } from './family.ts';
import { float, type Metadata, text, uint } from './fields.ts';
import { type ModelConfig, unsupported } from './model-config.ts';
import { type FolderFile, type ModelFolder, openModelFolder } from './model-folder.ts';
import { planTensors, type TensorPlan } from './plan-tensors.ts';
import { quantise, type WrittenType } from './quantise.ts';
import { readValues } from './read-values.ts';
import { type RopeTensors, writeRope } from './rope.ts';
import { writeTokenizer } from './tokenizer-fields.ts';

export interface ConversionRequest {
  readonly files: readonly FolderFile[];
  /** What the model is called; goes into the file. */
  readonly name: string;
  /** Block type of the matrices. */
  readonly type: WrittenType;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** What was lost by rounding to blocks, as a share: √(Σ (new − old)² / Σ old²). */
export interface ConversionLoss {
  readonly overall: number;
  /** The tensor that lost most of itself. */
  readonly worst: { readonly tensor: string; readonly loss: number };
}

export interface ConvertedModel {
  /** A whole GGUF file. */
  readonly file: Blob;
  readonly architecture: string;
  readonly tensors: number;
  readonly loss: ConversionLoss;
}

/** Values handled at a time: enough for a fast loop, and memory stays small whatever the model. */
const STEP_VALUES = 2 ** 21;

/**
 * Makes a GGUF file of a model folder with safetensors weights. Values are read, rounded and written some at a time; the
 * browser keeps what was written.
 * Source of the names and fields: convert_hf_to_gguf.py and gguf-py of llama.cpp.
 *
 * Rejects with `model-files-missing`, `model-config-invalid`, `model-unsupported`, `tokenizer-unsupported`,
 * `safetensors-*`, or an AbortError.
 */
export async function convertModel(request: ConversionRequest): Promise<ConvertedModel> {
  const { signal, type, onProgress = () => {} } = request;
  const folder = await openModelFolder(request.files, signal);
  const config = folder.config.flattened('text_config');
  const family = familyOf(config);
  const metadata: Metadata = new Map([
    ['general.architecture', text(family.architecture)],
    ['general.name', text(request.name)],
    ['general.quantization_version', uint(2)],
  ]);
  const rope = writeArchitecture(metadata, family, config, folder);
  const plans = planTensors(folder.tensors, rope, { family, config, type });
  const embedding = plans.find(({ name }) => name === 'token_embd.weight');
  if (embedding === undefined) throw unsupported(family.architecture, 'its missing table of tokens');
  writeTokenizer(metadata, { ...folder, config }, embedding.dimensions[1] ?? 0);
  for (const [name, template] of folder.chatTemplates) {
    metadata.set(name === 'default' ? 'tokenizer.chat_template' : `tokenizer.chat_template.${name}`, text(template));
  }

  const parts: BlobPart[] = [ggufHeader(metadata, plans)];
  const total = plans.reduce((sum, { from }) => sum + from.byteLength, 0);
  const losses = new Losses();
  let done = 0;
  for (const plan of plans) {
    for await (const { blocks, readBytes } of convertTensor(plan, losses, signal)) {
      // A Blob may lie on disk; bytes in an array lie in memory.
      parts.push(new Blob([blocks]));
      done += readBytes;
      onProgress(done, total);
    }
    parts.push(new Uint8Array(paddingAfter(byteLengthOf(plan))));
  }
  return { file: new Blob(parts), architecture: family.architecture, tensors: plans.length, loss: losses.summary() };
}

function familyOf(config: ModelConfig): Family {
  const kind = config.text('model_type') ?? 'unknown';
  const family = kind === 'bert' ? BERT : DECODER_FAMILIES.get(kind);
  if (family === undefined) {
    const known = ['bert', ...DECODER_FAMILIES.keys()].join(', ');
    throw unsupported(kind, `its kind: folders of ${known} can be converted`);
  }
  const activation = config.text('hidden_activation') ?? config.text('hidden_act') ?? 'silu';
  if (!(family.activations ?? ['silu', 'swish']).includes(activation)) {
    throw unsupported(family.architecture, `its activation "${activation}"`);
  }
  if (config.has('quantization_config')) throw unsupported(family.architecture, 'weights that are already quantised');
  return family;
}

/** Writes what every family has, then its own; returns the tensors that the rotation needs. */
function writeArchitecture(metadata: Metadata, family: Family, config: ModelConfig, folder: ModelFolder): RopeTensors {
  const { architecture } = family;
  const set = (name: string, value: Parameters<Metadata['set']>[1]) => metadata.set(`${architecture}.${name}`, value);
  const heads = config.integer('num_attention_heads', 1, 1024);
  set('block_count', uint(config.integer('num_hidden_layers', 1, 512)));
  set('context_length', uint(config.integer('max_position_embeddings', 1, 2 ** 31)));
  set('embedding_length', uint(config.integer('hidden_size', 1, 2 ** 16)));
  set('feed_forward_length', uint(config.integer('intermediate_size', 1, 2 ** 20)));
  set('attention.head_count', uint(heads));
  set('attention.head_count_kv', uint(config.integer('num_key_value_heads', 1, heads, heads)));
  for (const [field, key] of [
    ['rms_norm_eps', 'attention.layer_norm_rms_epsilon'],
    ['layer_norm_eps', 'attention.layer_norm_epsilon'],
  ] as const) {
    if (config.has(field)) set(key, float(config.number(field, 0, 1)));
  }
  family.write?.(metadata, config, folder.pooling);
  if (architecture === 'bert') return new Map();
  const { head, turned } = headSizes(config);
  set('attention.key_length', uint(head));
  set('attention.value_length', uint(head));
  return writeRope(metadata, architecture, config, turned);
}

/** The blocks of a tensor, some rows at a time. */
async function* convertTensor(plan: TensorPlan, losses: Losses, signal: AbortSignal | undefined) {
  const { from, type, dimensions, interleavedHeads, offset } = plan;
  if (from instanceof Float32Array) {
    yield { blocks: new Uint8Array(from.buffer.slice(0) as ArrayBuffer), readBytes: from.byteLength };
    return;
  }
  const [columns, rows] = dimensions.length === 1 ? [1, dimensions[0]!] : [dimensions[0]!, dimensions[1]!];
  // A vector is cut anywhere, a matrix between rows, one whose heads are turned between heads.
  const unit = interleavedHeads === undefined ? 1 : rows / interleavedHeads;
  if (!Number.isInteger(unit) || (interleavedHeads !== undefined && unit % 2 !== 0)) {
    throw unsupported('this model', `${interleavedHeads} heads in ${rows} rows (${from.name})`);
  }
  const valueBytes = from.byteLength / (rows * columns);
  const step = Math.max(1, Math.floor(STEP_VALUES / (unit * columns))) * unit;
  for (let row = 0; row < rows; row += step) {
    throwIfAborted(signal);
    const count = Math.min(step, rows - row);
    const readBytes = count * columns * valueBytes;
    const bytes = await from.source.read(from.offset + row * columns * valueBytes, readBytes, signal);
    let values = readValues(from.type, bytes);
    if (interleavedHeads !== undefined) values = interleaveHalves(values, unit, columns);
    if (offset !== 0) values = values.map((value) => value + offset);
    refuseNonNumbers(values, from.name);
    const blocks = new Uint8Array(byteLengthOf({ name: plan.name, type, dimensions: [values.length] }));
    losses.add(plan.name, quantise(type, values, blocks));
    yield { blocks, readBytes };
  }
}

/** Rows r and r + half of each head become neighbours. */
function interleaveHalves(values: Float32Array, headRows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  const half = headRows / 2;
  for (let to = 0; to < values.length / columns; to++) {
    const inHead = to % headRows;
    const from = to - inHead + (inHead >> 1) + (inHead % 2) * half;
    out.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
  }
  return out;
}

function refuseNonNumbers(values: Float32Array, name: string): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw unsupported('this model', `a weight that is no number (in ${name})`);
  }
}

class Losses {
  readonly #byTensor = new Map<string, { errorSquares: number; squares: number }>();

  add(tensor: string, { errorSquares, squares }: { errorSquares: number; squares: number }): void {
    const sum = this.#byTensor.get(tensor) ?? { errorSquares: 0, squares: 0 };
    this.#byTensor.set(tensor, {
      errorSquares: sum.errorSquares + errorSquares,
      squares: sum.squares + squares,
    });
  }

  summary(): ConversionLoss {
    let worst = { tensor: '', loss: 0 };
    let [errorSquares, squares] = [0, 0];
    for (const [tensor, sum] of this.#byTensor) {
      errorSquares += sum.errorSquares;
      squares += sum.squares;
      const loss = shareOf(sum.errorSquares, sum.squares);
      if (loss >= worst.loss) worst = { tensor, loss };
    }
    return { overall: shareOf(errorSquares, squares), worst };
  }
}

const shareOf = (errorSquares: number, squares: number) => (squares === 0 ? 0 : Math.sqrt(errorSquares / squares));
