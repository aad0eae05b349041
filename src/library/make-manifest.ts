import { type GgufFile, readGguf } from '../formats/index.ts';
import { chooseGraphFiles, isGraphOrWeights } from '../formats/onnx/index.ts';
import type { HashState, ManifestFile, ModelManifest } from '../protocol/index.ts';
import type { ByteSource } from '../shared/index.ts';
import { type GgufFacts, ggufFacts } from './gguf-facts.ts';
import { adapterBytes } from './working-bytes.ts';

/** Tokens of context that `memoryBytes` reserves. */
const ESTIMATED_CONTEXT = 4096;

/** How a model speaks of which nobody has said how: close to its own distribution, without loops. */
/** The template of an ONNX model lies in one of its files, which is pinned as such. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** The library's buffers, the runtime's packed copies, and 27 MB of WebAssembly. */
const ONNX_SPACE = 2.2;
const SILENT = { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 1 };

/** How a model answers of which nobody has said how it should. */
const SPEAKING = {
  systemPrompt: '',
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1.05,
  maxTokens: 1024,
};

const MIB = 2 ** 20;

/**
 * Bytes a chunk of a file of this size, where nobody has cut it yet. A chunk is what a crash can cost, and what travels
 * between two commits: larger files get larger ones, so that commits do not set the pace.
 */
export function chunkBytesFor(size: number): number {
  if (size <= 256 * MIB) return 4 * MIB;
  return size <= 1024 * MIB ? 8 * MIB : 16 * MIB;
}

/** What is known of a model besides its file's header. */
export interface ManifestInput {
  readonly id: string;
  /** Used where the file does not name itself. */
  readonly fallbackName: string;
  readonly name?: string | undefined;
  readonly licence?: string | undefined;
  readonly source: string;
  readonly version?: string | undefined;
  readonly file: ManifestFile;
  readonly hashes: HashState;
  readonly origin?: ModelManifest['origin'];
}

/** Reads the header of a GGUF file and says what it says. Rejects as `readGguf` does. */
export async function readFacts(source: ByteSource, signal?: AbortSignal): Promise<GgufFacts> {
  const gguf: GgufFile = await readGguf(source, signal);
  return ggufFacts(gguf, source.size);
}

/** Bytes that a LoRA adapter takes once it is loaded. Rejects as `readGguf` does. */
export async function readAdapterBytes(source: ByteSource): Promise<number> {
  return adapterBytes(await readGguf(source));
}

/** The manifest of a model that came without one. */
export function manifestOf(facts: GgufFacts, input: ManifestInput): ModelManifest {
  const { memory } = facts;
  const context = Math.min(ESTIMATED_CONTEXT, facts.contextLength);
  return {
    manifestVersion: 1,
    id: input.id,
    name: (input.name ?? facts.name ?? input.fallbackName).slice(0, 200),
    version: input.version ?? '1',
    architecture: facts.architecture.slice(0, 100),
    parameters: facts.parameters,
    quantisation: facts.quantisation,
    licence: { id: (input.licence ?? facts.licence ?? 'unknown').slice(0, 100), file: 'LICENSE' },
    source: input.source.slice(0, 1000),
    file: input.file,
    contextLength: facts.contextLength,
    chatTemplateSha256: facts.templateSha256,
    tokenizerSha256: facts.tokenizerSha256,
    memoryBytes: memory.weightsBytes + memory.workingBytes + memory.cacheBytesPerToken * context,
    memory,
    capabilities: facts.capabilities,
    hashes: input.hashes,
    ...(input.origin === undefined ? {} : { origin: input.origin }),
    defaults: SPEAKING,
  };
}

/** What is known of an ONNX model besides its config.json. */
export interface OnnxManifestInput {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly licence?: string | undefined;
  readonly file: ManifestFile;
  readonly companions: readonly ManifestFile[];
  readonly hashes: HashState;
  readonly origin?: ModelManifest['origin'];
}

/** The manifest of a folder with ONNX graphs, by its config.json. */
export function onnxManifestOf(config: Readonly<Record<string, unknown>>, input: OnnxManifestInput): ModelManifest {
  const { id, name, source, licence = 'unknown', file, companions, hashes, origin } = input;
  const tokenizer = companions.find(({ path }) => path === 'tokenizer.json');
  // A decoder by itself writes; what has an encoder too turns one text into another.
  const writes = String(config['architectures']).endsWith('ForCausalLM');
  const weightsBytes = [file, ...companions].reduce(
    (sum, { path, size }) => sum + (isGraphOrWeights(path) ? size : 0),
    0,
  );
  return {
    manifestVersion: 1,
    id,
    name: name.slice(0, 200),
    version: '1',
    architecture: String(config['model_type'] ?? 'unknown').slice(0, 100),
    parameters: Math.max(1, Math.round(weightsBytes)),
    quantisation: chooseGraphFiles([file.path])[0]?.precision ?? 'unknown',
    licence: { id: licence.slice(0, 100), file: 'LICENSE' },
    source: source.slice(0, 1000),
    file,
    companions,
    contextLength: Math.max(1, Number(config['max_position_embeddings'] ?? 512) || 512),
    chatTemplateSha256: EMPTY_SHA256,
    ...(tokenizer === undefined ? {} : { tokenizerSha256: tokenizer.sha256 }),
    memoryBytes: Math.round(weightsBytes * ONNX_SPACE),
    capabilities: writes ? ['chat', 'tasks'] : ['tasks'],
    hashes,
    ...(origin === undefined ? {} : { origin }),
    defaults: writes ? SPEAKING : SILENT,
  };
}

/** A name as an id: lower case, what is neither letter nor digit becomes a dash; never empty. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/\.(gguf|onnx|sotto)$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 80);
  return slug === '' ? 'model' : slug;
}
