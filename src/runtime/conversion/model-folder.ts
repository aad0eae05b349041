import { readSafetensors, type SafetensorsTensor } from '../../formats/safetensors/index.ts';
import { BlobByteSource, type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { ModelConfig } from './model-config.ts';

/** A file of a model folder, under its path in it ("1_Pooling/config.json"). */
export interface FolderFile {
  readonly path: string;
  readonly file: Blob;
}

/** A tensor and the file that holds it. */
export interface StoredTensor extends SafetensorsTensor {
  readonly source: ByteSource;
}

/** A model folder as it is published with safetensors weights. */
export interface ModelFolder {
  readonly config: ModelConfig;
  readonly generationConfig: ModelConfig | undefined;
  readonly tokenizer: ModelConfig;
  readonly tokenizerConfig: ModelConfig | undefined;
  readonly pooling: ModelConfig | undefined;
  /** By their purpose: "default", "tool_use" … */
  readonly chatTemplates: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const ADDITIONAL = /^additional_chat_templates\/([\w-]+)\.jinja$/;

/** Bytes of a settings file. The largest tokenizers have about 35 MB. */
const MOST_JSON_BYTES = 128 * 2 ** 20;

/**
 * Opens a folder: settings, tokenizer, and the headers of its weights.
 * Rejects with `model-files-missing`, `model-config-invalid`, the codes of `readSafetensors`, or an AbortError.
 */
export async function openModelFolder(files: readonly FolderFile[], signal?: AbortSignal): Promise<ModelFolder> {
  const text = async (name: string): Promise<string | undefined> => {
    const found = files.find(({ path }) => path === name);
    if (found === undefined) return undefined;
    if (found.file.size > MOST_JSON_BYTES) {
      throw new SottoError('model-config-invalid', `${name} has ${found.file.size} bytes; that is no settings file.`);
    }
    return found.file.text();
  };
  const json = async (name: string): Promise<ModelConfig | undefined> => {
    const content = await text(name);
    return content === undefined ? undefined : new ModelConfig(parse(content, name), name);
  };
  const needed = async (name: string, why: string): Promise<ModelConfig> => {
    const found = await json(name);
    if (found) return found;
    throw new SottoError('model-files-missing', `${name} is missing: ${why}.`, { details: { file: name } });
  };
  const config = await needed('config.json', 'it says what the model is');
  const tokenizer = await needed(
    'tokenizer.json',
    files.some(({ path }) => path === 'tokenizer.model')
      ? 'tokenizer.model alone cannot be read; save the tokenizer as a fast one'
      : 'it says how text becomes tokens',
  );
  const index = await json('model.safetensors.index.json');
  const tokenizerConfig = await json('tokenizer_config.json');
  throwIfAborted(signal);
  return {
    config,
    tokenizer,
    tokenizerConfig,
    generationConfig: await json('generation_config.json'),
    pooling: await json('1_Pooling/config.json'),
    chatTemplates: new Map([...templatesIn(tokenizerConfig), ...(await templateFiles(files, text))]),
    tensors: await openTensors(files, index, signal),
  };
}

function parse(content: string, name: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new SottoError('model-config-invalid', `${name} is not JSON.`, { cause, details: { file: name } });
  }
}

/** The template by itself, as the default, or several by their names. */
export function templatesIn(settings: ModelConfig | undefined): ReadonlyMap<string, string> {
  const value = settings?.raw('chat_template');
  if (typeof value === 'string') return new Map([['default', value]]);
  const list: readonly { readonly name?: unknown; readonly template?: unknown }[] = Array.isArray(value) ? value : [];
  return new Map(
    list.flatMap(({ name, template }) =>
      typeof name === 'string' && typeof template === 'string' ? [[name, template] as const] : [],
    ),
  );
}

/** Newer folders have a file for each template. */
async function templateFiles(
  files: readonly FolderFile[],
  text: (name: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { path } of files) {
    const name = path === 'chat_template.jinja' ? 'default' : ADDITIONAL.exec(path)?.[1];
    const template = name === undefined ? undefined : await text(path);
    if (name !== undefined && template !== undefined) found.set(name, template);
  }
  return found;
}

async function openTensors(
  files: readonly FolderFile[],
  index: ModelConfig | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, StoredTensor>> {
  const weights = files.filter(({ path }) => /^[^/]+\.safetensors$/i.test(path));
  const named = index?.raw('weight_map');
  const wanted = typeof named === 'object' ? new Set(Object.values(named as object) as string[]) : undefined;
  for (const name of wanted ?? []) {
    if (!weights.some(({ path }) => path === name)) {
      throw new SottoError('model-files-missing', `${name} is missing: the index of the weights names it.`, {
        details: { file: name },
      });
    }
  }
  if (weights.length === 0) throw new SottoError('model-files-missing', 'There is no .safetensors file.');
  const tensors = new Map<string, StoredTensor>();
  for (const { path, file } of weights) {
    // Folders may hold the same weights twice, whole and in parts; the index says which count.
    if (wanted !== undefined && !wanted.has(path)) continue;
    const source = new BlobByteSource(file);
    for (const [name, tensor] of (await readSafetensors(source, signal)).tensors) {
      if (tensors.has(name)) throw new SottoError('safetensors-invalid', `Tensor "${name}" is there twice.`);
      tensors.set(name, { ...tensor, source });
    }
  }
  return tensors;
}
