import type { GgufFile } from '../../formats/gguf/index.ts';
import type { EngineReason, EngineTrial, LoadedModel } from '../../protocol/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import type { Tokenizer } from '../text/index.ts';
import { templatesOf } from './model-templates.ts';

export interface ModelParts {
  readonly gguf: GgufFile;
  readonly tokenizer: Tokenizer;
  readonly backend: DecoderBackend;
  /** Block types that are held as others. */
  readonly requantised: LoadedModel['requantised'];
  /** Parts of the file that are not run, for people. */
  readonly leftOut: readonly string[];
  readonly engineReason: EngineReason | undefined;
  readonly engineTrial: EngineTrial | undefined;
  /** Used where the file does not name itself. */
  readonly fallbackName: string;
  readonly fileBytes: number;
  /** What the caller wants instead of the file's own. */
  readonly chatTemplate: string | undefined;
  readonly loadMs: number;
}

/** What the page needs to know of a loaded model. */
export function describeModel(parts: ModelParts): LoadedModel {
  const {
    gguf,
    tokenizer,
    backend,
    requantised,
    leftOut,
    engineReason,
    engineTrial,
    fallbackName,
    fileBytes,
    loadMs,
    chatTemplate,
  } = parts;
  const text = (key: string) => {
    const value = gguf.metadata.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    name: text('general.name') ?? fallbackName,
    architecture: text('general.architecture') ?? 'unknown',
    quantisation: mainType(gguf),
    fileBytes,
    parameters: parameterCount(gguf),
    contextLength: backend.contextLength,
    vocabularySize: backend.vocabularySize,
    backend: backend.kind,
    backendDescription: [backend.description, ...leftOut.map((part) => `without ${part}`)].join('; '),
    ...(engineReason === undefined ? {} : { engineReason }),
    ...(engineTrial === undefined ? {} : { engineTrial }),
    threads: backend.threads,
    memoryBytes: backend.memoryBytes,
    requantised,
    loadMs,
    ...templatesOf(gguf, tokenizer.controlTokens, text('general.name') ?? fallbackName, chatTemplate),
    bosToken: tokenizer.beginToken,
    eosToken: tokenizer.endToken,
    specialTokens: tokenizer.controlTokens,
  };
}

/** The block type that holds the most weights. A file's own label is a wish of whoever made it; the tensors are the fact. */
function mainType({ tensors }: GgufFile): string {
  const weights = new Map<string, number>();
  for (const { type, dimensions } of tensors.values())
    weights.set(type, (weights.get(type) ?? 0) + product(dimensions));
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
}

function parameterCount({ tensors }: GgufFile): number {
  return [...tensors.values()].reduce((count, { dimensions }) => count + product(dimensions), 0);
}

function product(dimensions: readonly number[]): number {
  return dimensions.reduce((size, dimension) => size * dimension, 1);
}
