import {
  checkExternalData,
  chooseGraphFiles,
  type OnnxModel,
  type OnnxPrecision,
  readOnnx,
} from '../../../formats/onnx/index.ts';
import { SottoError, toHex } from '../../../shared/index.ts';

/** The bytes of one file, wherever it lies. */
export interface ModelFile {
  readonly size: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The files of a model by path, as they lie in its folder. */
export type ModelFiles = ReadonlyMap<string, ModelFile>;

/** Weights beside a graph, under the name by which it asks for them. */
export interface OutsideWeights {
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A model whose .onnx files were read and found harmless. */
export interface CheckedModel {
  readonly files: ModelFiles;
  readonly graphs: ReadonlyMap<string, OnnxModel>;
  /** The precision of each graph ("encoder_model"), by its name without that of the precision. */
  readonly precisions: Readonly<Record<string, OnnxPrecision>>;
  readonly outside: readonly OutsideWeights[];
  readonly architecture: string;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly hash: string;
}

/**
 * Reads every graph of a model before the runtime does, and holds what it wants from outside against the files that are there.
 * Of a graph that comes in several precisions one is read (`chooseGraphFiles`).
 * Throws `onnx-truncated`, `onnx-invalid`, `onnx-limit`, or `model-unsupported` where a part of the model is missing.
 */
export async function checkModel(given: ModelFiles): Promise<CheckedModel> {
  const files = new Map(given);
  const sizes = new Map([...given].map(([path, { size }]) => [path.replace(/^onnx\//, ''), size]));
  const chosen = chooseGraphFiles(given.keys());
  if (chosen.length === 0) throw missing('a .onnx file');
  if (!files.has('tokenizer.json')) throw missing('tokenizer.json');
  const architecture = await readConfig(files.get('config.json'));
  const graphs = new Map<string, OnnxModel>();
  const locations = new Set<string>();
  const hashes: string[] = [];
  for (const { path } of chosen) {
    const bytes = (await given.get(path)?.read()) ?? new Uint8Array();
    const graph = readOnnx(bytes);
    checkExternalData(graph, sizes);
    graphs.set(path, graph);
    for (const { location } of graph.external) locations.add(location.replace(/^\.\//, ''));
    hashes.push(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
    // What was checked is what runs: a second read could give other bytes.
    files.set(path, readOnce(bytes));
  }
  const outside: OutsideWeights[] = [];
  for (const path of locations) {
    const data = await (given.get(`onnx/${path}`) ?? given.get(path))?.read();
    if (data === undefined || data.length !== sizes.get(path)) throw missing(`the whole of ${path}`);
    outside.push({ path, data });
  }
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(hashes.join('\n')));
  return {
    files,
    graphs,
    precisions: Object.fromEntries(chosen.map(({ graph, precision }) => [graph, precision])),
    outside,
    architecture,
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
