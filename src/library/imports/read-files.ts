import { isGguf } from '../../formats/index.ts';
import { chooseGraphFiles, isGraphOrWeights, onnxPath } from '../../formats/onnx/index.ts';
import { SottoError } from '../../shared/index.ts';
import { isPack } from '../pack/index.ts';

/** A file that a person gave, with its path below the folder it was chosen from. */
export interface GivenFile {
  readonly path: string;
  readonly blob: Blob;
}

/** What the given files are. */
export type GivenModel =
  | { readonly kind: 'pack'; readonly file: GivenFile }
  /** One model; several parts stand in their order. */
  | { readonly kind: 'gguf'; readonly name: string; readonly parts: readonly GivenFile[] }
  | {
      readonly kind: 'onnx';
      readonly name: string;
      readonly weights: GivenFile;
      readonly others: readonly GivenFile[];
    };

const PART_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * Sorts files into models: packs, GGUF files (parts of one model together), and folders of ONNX models. Other files of a folder
 * (notes, pictures) are passed over. Rejects with `model-unsupported` where there is no model among them, `invalid-option`
 * where parts are missing.
 */
export async function readGivenFiles(files: readonly GivenFile[]): Promise<readonly GivenModel[]> {
  const models: GivenModel[] = [];
  const parts = new Map<string, GivenFile[]>();
  for (const file of files) {
    const start = new Uint8Array(await file.blob.slice(0, 64).arrayBuffer());
    if (isPack(start)) models.push({ kind: 'pack', file });
    else if (isGguf(start) || file.path.toLowerCase().endsWith('.gguf')) {
      const base = PART_NAME.exec(file.path)?.[1] ?? file.path.replace(/\.gguf$/i, '');
      parts.set(base, [...(parts.get(base) ?? []), file]);
    }
  }
  for (const [base, group] of parts) models.push({ kind: 'gguf', name: nameOf(base), parts: inOrder(group) });
  models.push(...onnxModels(files));
  if (models.length === 0) throw nothingIn(files);
  return models;
}

function inOrder(group: readonly GivenFile[]): readonly GivenFile[] {
  const numbered = group
    .map((file) => {
      const [, , number = '1', count = '1'] = PART_NAME.exec(file.path) ?? [];
      return { file, number: Number(number), count: Number(count) };
    })
    .sort((a, b) => a.number - b.number);
  const { count } = numbered[0] ?? { count: 1 };
  const isWhole = numbered.length === count && numbered.every((part, index) => part.number === index + 1);
  if (!isWhole) {
    const message = `These are ${numbered.length} of the ${count} parts of one model: give all of them together.`;
    throw new SottoError('invalid-option', message, { details: { option: 'files' } });
  }
  return numbered.map(({ file }) => file);
}

function onnxModels(files: readonly GivenFile[]): readonly GivenModel[] {
  return files
    .filter(({ path }) => path === 'config.json' || path.endsWith('/config.json'))
    .flatMap((config): GivenModel[] => {
      const folder = config.path.slice(0, -'config.json'.length);
      const inside = files
        .filter(({ path }) => path.startsWith(folder))
        .map(({ path, blob }) => ({ path: path.slice(folder.length), blob }));
      const chosen = chooseGraphFiles(inside.map(({ path }) => path));
      const graphs = chosen.map(({ path }) => path);
      // The one that gives the model its name and hash.
      const main = ['model', 'encoder_model'].flatMap((name) => chosen.filter(({ graph }) => graph === name))[0];
      const weights = inside.find(({ path }) => path === (main?.path ?? graphs[0]));
      if (weights === undefined) return [];
      const belongs = (path: string) =>
        path !== weights.path &&
        (/^[^/]+\.(json|jinja)$/.test(path) || graphs.includes(path) || isWeightsOf(graphs, path));
      const others = inside.filter(({ path }) => belongs(path));
      const placed = ({ path, blob }: GivenFile) => ({ path: onnxPath(path), blob });
      const name = nameOf(folder.replace(/\/$/, ''));
      return [{ kind: 'onnx', name, weights: placed(weights), others: others.map(placed) }];
    });
}

/** Weights beside a graph begin with its name. */
function isWeightsOf(graphs: readonly string[], path: string): boolean {
  return isGraphOrWeights(path) && graphs.some((graph) => path.startsWith(graph));
}

/** Stores that name files by their hash (Ollama's `blobs`) have names too long to be read; twelve digits tell them apart. */
function nameOf(path: string): string {
  const name = path.split('/').at(-1) || 'model';
  return name.replace(/^(sha256[-:][0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}

function nothingIn(files: readonly GivenFile[]): SottoError {
  const names = files.map(({ path }) => path);
  const pickle = names.find((name) => /\.(bin|pt|pth|pkl|ckpt)$/i.test(name));
  const message =
    pickle === undefined
      ? `There is no model among these files (${names.slice(0, 3).join(', ')}): .gguf, a pack (.sotto), or a folder with config.json and .onnx or .safetensors are.`
      : `"${pickle}" may hold programs (a Python pickle) and is never opened. Look for a .gguf file of the same model.`;
  return new SottoError('model-unsupported', message);
}
