import { checkExternalData, type OnnxModel, readOnnx } from '../../../formats/onnx/index.ts';
import { SottoError, toHex } from '../../../shared/index.ts';

/** The bytes of one file, wherever it lies. */
export interface ModelFile {
  readonly size: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The files of a model by path, as they lie in its folder. */
export type ModelFiles = ReadonlyMap<string, ModelFile>;

/** How weights are named by precision; `dtype` is the library's own word for it. */
const PRECISIONS = [
  { suffix: '_quantized', dtype: 'q8' },
  { suffix: '_int8', dtype: 'int8' },
  { suffix: '_uint8', dtype: 'uint8' },
  { suffix: '_q4', dtype: 'q4' },
  { suffix: '_q4f16', dtype: 'q4f16' },
  { suffix: '_bnb4', dtype: 'bnb4' },
  { suffix: '_fp16', dtype: 'fp16' },
  { suffix: '', dtype: 'fp32' },
] as const;

export type Precision = (typeof PRECISIONS)[number]['dtype'];

/** A model whose .onnx files were read and found harmless. */
export interface CheckedModel {
  readonly files: ModelFiles;
  readonly graphs: ReadonlyMap<string, OnnxModel>;
  readonly dtype: Precision;
  readonly architecture: string;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly hash: string;
}

/**
 * Reads every graph of a model before the runtime does, and holds what it wants from outside against the files that are there.
 * Throws `onnx-truncated`, `onnx-invalid`, `onnx-limit`, or `model-unsupported` where a part of the model is missing.
 */
export async function checkModel(given: ModelFiles): Promise<CheckedModel> {
  const files = new Map(given);
  const sizes = new Map([...given].map(([path, { size }]) => [path.replace(/^onnx\//, ''), size]));
  const graphs = new Map<string, OnnxModel>();
  const hashes: string[] = [];
  for (const [path, file] of [...given].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.endsWith('.onnx')) continue;
    const bytes = await file.read();
    const graph = readOnnx(bytes);
    checkExternalData(graph, sizes);
    graphs.set(path, graph);
    hashes.push(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
    // What was checked is what runs: a second read could give other bytes.
    files.set(path, readOnce(bytes));
  }
  const names = [...graphs.keys()].map((path) => path.replace(/^onnx\//, '').replace(/\.onnx$/, ''));
  if (names.length === 0) throw missing('a .onnx file');
  if (!files.has('tokenizer.json')) throw missing('tokenizer.json');
  const config = await readConfig(files.get('config.json'));
  const { dtype } = PRECISIONS.find(({ suffix }) => suffix !== '' && names.some((name) => name.endsWith(suffix))) ?? {
    dtype: 'fp32' as const,
  };
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(hashes.join('\n')));
  return {
    files,
    graphs,
    dtype,
    architecture: config,
    parameters: [...graphs.values()].reduce((sum, { parameters }) => sum + parameters, 0),
    fileBytes: [...given.values()].reduce((sum, { size }) => sum + size, 0),
    hash: hashes.length === 1 ? (hashes[0] ?? '') : toHex(new Uint8Array(digest)),
  };
}

/** Hands checked bytes out once, so that a model is not held twice while it runs. */
function readOnce(bytes: Uint8Array<ArrayBuffer>): ModelFile {
  let held: Uint8Array<ArrayBuffer> | undefined = bytes;
  return {
    size: bytes.length,
    read: async () => {
      const result = held;
      held = undefined;
      if (result === undefined) throw new SottoError('internal', 'The bytes of this model were handed out before.');
      return result;
    },
  };
}

async function readConfig(file: ModelFile | undefined): Promise<string> {
  if (file === undefined) throw missing('config.json');
  try {
    const config: unknown = JSON.parse(new TextDecoder().decode(await file.read()));
    const type = (config as { model_type?: unknown }).model_type;
    if (typeof type === 'string') return type;
  } catch (cause) {
    throw new SottoError('onnx-invalid', 'config.json is no JSON.', { cause });
  }
  throw new SottoError('onnx-invalid', 'config.json names no "model_type".');
}

function missing(part: string): SottoError {
  return new SottoError('model-unsupported', `The model lacks ${part}. Open all files of its folder together.`);
}
