import type {
  CatalogueEntry,
  HashState,
  KnownSource,
  ManifestFile,
  ModelCapability,
  ModelManifest,
} from '../protocol/index.ts';
import { Fields, SottoError } from '../shared/index.ts';
import { isModelId } from '../storage/index.ts';

/** Most bytes a catalogue or manifest may have; 65,536 chunk hashes take five million. */
export const MANIFEST_BYTES_LIMIT = 8 * 2 ** 20;

const SHA256 = /^[0-9a-f]{64}$/;
const MOST_MODELS = 1000;
const MOST_COMPANIONS = 64;
const MOST_CHUNKS = 2 ** 16;
const MOST_CHUNK_BYTES = 64 * 2 ** 20;

/** Downward from the list that names it: no scheme, no host, no "..", nothing to decode. */
const RELATIVE_PATH = /^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

function fail(message: string): never {
  throw new SottoError('download-not-the-file', message);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const kind = /^\s*</.test(text) ? 'an HTML page' : 'no JSON';
    throw new SottoError('download-not-the-file', `${what} is ${kind}.`, { cause: error });
  }
}

/** Reads models/catalogue.json. Throws `download-not-the-file` where it is anything else, `record-newer` for a later version. */
export function parseCatalogue(text: string): readonly CatalogueEntry[] {
  const fields = new Fields(parseJson(text, 'The catalogue'), 'catalogue', fail);
  const version = fields.integer('catalogueVersion', { least: 1 });
  if (version !== 1)
    throw new SottoError('record-newer', `The catalogue has version ${version}; this app reads version 1.`);
  const models = fields.raw('models');
  if (!Array.isArray(models) || models.length > MOST_MODELS) fail('catalogue.models is missing or wrong.');
  const entries = (models as readonly unknown[]).map((value, index) => {
    const entry = new Fields(value, `catalogue.models[${index}]`, fail);
    return {
      id: readId(entry),
      name: entry.text('name', { limit: 200 }),
      ...readKind(entry),
      ...readPlace(entry),
    };
  });
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) fail('The catalogue lists a model twice.');
  return entries;
}

/**
 * Reads a manifest, field by field: nothing of it is used unchecked, and nothing that is not known is kept.
 * Throws `download-not-the-file` where it is malformed, `record-newer` for a later version.
 */
export function parseManifest(text: string): ModelManifest {
  const fields = new Fields(parseJson(text, 'The manifest'), 'manifest', fail);
  const version = fields.integer('manifestVersion', { least: 1 });
  if (version !== 1)
    throw new SottoError('record-newer', `The manifest has version ${version}; this app reads version 1.`);
  const licence = fields.object('licence');
  const defaults = fields.object('defaults');
  return {
    manifestVersion: 1,
    id: readId(fields),
    name: fields.text('name', { limit: 200, pattern: /./ }),
    architecture: fields.text('architecture', { limit: 100 }),
    parameters: fields.integer('parameters', { least: 1 }),
    quantisation: fields.text('quantisation', { limit: 100 }),
    licence: {
      id: licence.text('id', { limit: 100 }),
      file: licence.text('file', { pattern: RELATIVE_PATH, limit: 500 }),
    },
    source: fields.text('source', { limit: 1000 }),
    file: readFile(fields.object('file'), 'manifest.file'),
    ...readCompanions(fields),
    contextLength: fields.integer('contextLength', { least: 1 }),
    chatTemplateSha256: fields.text('chatTemplateSha256', { pattern: SHA256 }),
    memoryBytes: fields.integer('memoryBytes', { least: 1 }),
    ...readOptional(fields),
    defaults: {
      systemPrompt: defaults.text('systemPrompt'),
      temperature: defaults.number('temperature', { least: 0, most: 5 }),
      topK: defaults.integer('topK'),
      topP: defaults.number('topP', { least: 0, most: 1 }),
      minP: defaults.number('minP', { least: 0, most: 1 }),
      repetitionPenalty: defaults.number('repetitionPenalty', { least: 0.1, most: 10 }),
      maxTokens: defaults.integer('maxTokens', { least: 1 }),
    },
  };
}

/** Fields that came with later editions of the format, or that only models from elsewhere have. */
function readOptional(fields: Fields): Partial<ModelManifest> {
  const has = (name: string) => fields.raw(name) !== undefined;
  const memory = has('memory') ? fields.object('memory') : undefined;
  const origin = has('origin') ? fields.object('origin') : undefined;
  const hashes = fields.raw('hashes');
  const originPart = (name: 'url' | 'file' | 'signer') =>
    origin?.raw(name) === undefined ? {} : { [name]: origin.text(name, { limit: 2000 }) };
  return {
    ...(has('version') ? { version: fields.text('version', { limit: 100 }) } : {}),
    ...(has('tokenizerSha256') ? { tokenizerSha256: fields.text('tokenizerSha256', { pattern: SHA256 }) } : {}),
    ...(memory
      ? {
          memory: {
            weightsBytes: memory.integer('weightsBytes'),
            ...(memory.raw('unloadedBytes') === undefined ? {} : { unloadedBytes: memory.integer('unloadedBytes') }),
            cacheBytesPerToken: memory.integer('cacheBytesPerToken'),
            workingBytes: memory.integer('workingBytes'),
            ...(memory.raw('graphicsBytes') === undefined ? {} : { graphicsBytes: memory.integer('graphicsBytes') }),
          },
        }
      : {}),
    ...(has('capabilities')
      ? { capabilities: fields.texts('capabilities', { pattern: CAPABILITY, limit: 10 }) as readonly ModelCapability[] }
      : {}),
    ...(isHashState(hashes) ? { hashes } : {}),
    ...(origin ? { origin: { ...originPart('url'), ...originPart('file'), ...originPart('signer') } } : {}),
  };
}

const CAPABILITY = /^(chat|tools|embeddings|tasks)$/;

function isHashState(value: unknown): value is HashState {
  return value === 'published' || value === 'signed' || value === 'pinned' || value === 'imported';
}

/** A model of this site has a manifest; one that it only knows of has a source instead. */
function readPlace(entry: Fields): Pick<CatalogueEntry, 'manifest' | 'source'> {
  if (entry.raw('source') === undefined) {
    return { manifest: entry.text('manifest', { pattern: RELATIVE_PATH, limit: 500 }) };
  }
  const source = entry.object('source');
  const orNull = <T>(name: string, read: () => T): T | null => (source.raw(name) === null ? null : read());
  return {
    manifest: '',
    source: {
      repository: source.text('repository', { pattern: RELATIVE_PATH, limit: 200 }),
      revision: source.text('revision', { pattern: RELATIVE_PATH, limit: 100 }),
      file: source.text('file', { pattern: RELATIVE_PATH, limit: 300 }),
      size: orNull('size', () => source.integer('size', { least: 1 })),
      sha256: orNull('sha256', () => source.text('sha256', { pattern: SHA256 })),
      licence: source.text('licence', { limit: 100 }),
      architecture: source.text('architecture', { limit: 100 }),
      quantisation: source.text('quantisation', { limit: 100 }),
      parameters: source.integer('parameters', { least: 1 }),
      contextLength: source.integer('contextLength', { least: 1 }),
    } satisfies KnownSource,
  };
}

function readKind(entry: Fields): Pick<CatalogueEntry, 'kind'> {
  const kind = entry.raw('kind');
  if (kind === undefined) return {};
  if (kind === 'chat' || kind === 'embedding' || kind === 'onnx') return { kind };
  return fail('A model of the catalogue is of no known kind.');
}

function readCompanions(fields: Fields): Pick<ModelManifest, 'companions'> {
  const companions = fields.raw('companions');
  if (companions === undefined) return {};
  if (!Array.isArray(companions) || companions.length > MOST_COMPANIONS) return fail('manifest.companions is wrong.');
  const read = (value: unknown, index: number) => {
    const what = `manifest.companions[${index}]`;
    return readFile(new Fields(value, what, fail), what);
  };
  return { companions: companions.map(read) };
}

function readFile(file: Fields, what: string): ModelManifest['file'] {
  const size = file.integer('size', { least: 1 });
  const chunkBytes = file.integer('chunkBytes', { least: 1, most: MOST_CHUNK_BYTES });
  const chunks = file.texts('chunks', { pattern: SHA256, limit: MOST_CHUNKS });
  if (chunks.length !== Math.ceil(size / chunkBytes)) fail(`${what}.chunks does not add up to ${what}.size.`);
  return {
    path: file.text('path', { pattern: RELATIVE_PATH, limit: 500 }),
    size,
    sha256: file.text('sha256', { pattern: SHA256 }),
    chunkBytes,
    chunks,
    ...readParts(file, size, what),
  };
}

function readParts(file: Fields, size: number, what: string): Pick<ManifestFile, 'parts'> {
  const parts = file.raw('parts');
  if (parts === undefined) return {};
  if (!Array.isArray(parts) || parts.length > MOST_COMPANIONS) return fail(`${what}.parts is wrong.`);
  const read = parts.map((value: unknown, index) => {
    const part = new Fields(value, `${what}.parts[${index}]`, fail);
    return {
      path: part.text('path', { pattern: RELATIVE_PATH, limit: 500 }),
      size: part.integer('size', { least: 1 }),
    };
  });
  if (read.reduce((sum, part) => sum + part.size, 0) !== size) fail(`${what}.parts does not add up to its size.`);
  return { parts: read };
}

function readId(fields: Fields): string {
  const id = fields.text('id');
  return isModelId(id) ? id : fail(`"${id.slice(0, 80)}" cannot name a model.`);
}
