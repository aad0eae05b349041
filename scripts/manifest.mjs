import './lib/node-version.mjs';
import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { sourceModule } from './lib/source-module.mjs';

const HELP = `node scripts/manifest.mjs [--check] FOLDER

Writes FOLDER/manifest.json from the .gguf file in it. What people choose (id, name, version, licence, source, defaults) is kept from
the manifest that is there; what can be measured (sizes, hashes of file, template and tokenizer, architecture, context, memory) is measured again.

  --check   writes nothing; fails where the manifest does not say what the file says`;

/** Small enough to lose little when a connection drops, large enough that a commit costs little. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Tokens of context the memory estimate reserves. */
const ESTIMATED_CONTEXT = 4096;
const SPEAKING = {
  systemPrompt: 'You are a helpful assistant. Answer briefly and correctly.',
  temperature: 0.2,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1.05,
  maxTokens: 512,
};
const SILENT = { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 1 };

/**
 * Hashes a file once, as a whole and in chunks, from the same bytes: equal chunks therefore mean an equal file, and whoever
 * verifies every chunk need not hash the file again. Several files count as one: the parts of a split model.
 * @param {string | readonly string[]} path
 */
export async function hashFile(path) {
  const paths = [path].flat();
  const sizes = await Promise.all(paths.map((part) => stat(part).then(({ size }) => size)));
  const size = sizes.reduce((sum, part) => sum + part, 0);
  const whole = createHash('sha256');
  const chunks = [];
  let chunk = createHash('sha256');
  let filled = 0;
  let total = 0;
  for await (const bytes of bytesOf(paths)) {
    whole.update(bytes);
    total += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + CHUNK_BYTES - filled);
      chunk.update(part);
      filled += part.length;
      at += part.length;
      if (filled === CHUNK_BYTES) {
        chunks.push(chunk.digest('hex'));
        chunk = createHash('sha256');
        filled = 0;
      }
    }
  }
  if (filled > 0) chunks.push(chunk.digest('hex'));
  if (total !== size) throw new Failure(`${paths.join(', ')} changed while it was read.`);
  return { size, sha256: whole.digest('hex'), chunkBytes: CHUNK_BYTES, chunks };
}

/** Files one behind the other. @param {readonly string[]} paths @returns {AsyncGenerator<Buffer>} */
export async function* bytesOf(paths) {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: 2 ** 20 });
}

/**
 * The manifest of a folder, from its file and from what people chose.
 * @param {string} folder
 * @returns {Promise<Record<string, unknown>>}
 */
export async function makeManifest(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.gguf'));
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new Failure(`${folder} holds ${names.length} .gguf files; one is due.`);
  const path = join(folder, name);
  const before = await readManifest(folder);
  const { readFacts } = await sourceModule('src/library/make-manifest.ts');
  const { BlobByteSource } = await sourceModule('src/shared/index.ts');
  const facts = await readFacts(new BlobByteSource(await openAsBlob(path)));
  const file = { path: name, ...(await hashFile(path)) };
  // An encoder keeps nothing between texts, has no chat template and no way of speaking.
  const isEncoder = facts.capabilities.includes('embeddings');
  const { memory } = facts;
  const { weightsBytes, cacheBytesPerToken, workingBytes } = memory;
  const cacheBytes = cacheBytesPerToken * Math.min(ESTIMATED_CONTEXT, facts.contextLength);
  return {
    $schema: '../manifest.schema.json',
    manifestVersion: 1,
    id: before['id'] ?? basename(folder),
    name: before['name'] ?? facts.name ?? basename(folder),
    version: before['version'] ?? '1',
    architecture: facts.architecture,
    parameters: facts.parameters,
    quantisation: before['quantisation'] ?? /\.(I?Q\d\w*|B?F\d+)\.gguf$/i.exec(name)?.[1] ?? 'unknown',
    licence: before['licence'] ?? { id: facts.licence ?? 'unknown', file: 'LICENSE' },
    source: before['source'] ?? '',
    file,
    contextLength: facts.contextLength,
    chatTemplateSha256: facts.templateSha256,
    tokenizerSha256: facts.tokenizerSha256,
    memoryBytes: weightsBytes + workingBytes + cacheBytes,
    memory,
    capabilities: before['capabilities'] ?? facts.capabilities,
    defaults: before['defaults'] ?? (isEncoder ? SILENT : SPEAKING),
  };
}

/**
 * @param {string} folder
 * @returns {Promise<Record<string, unknown>>}
 */
async function readManifest(folder) {
  try {
    return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw new Failure(`${folder}/manifest.json cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** The text that is written: a line a field, and a line a hash. @param {Record<string, unknown>} manifest */
export function manifestText(manifest) {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

async function main() {
  const { values, positionals } = readArguments({
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (values.help || folder === undefined) return console.log(HELP);
  const path = join(resolve(folder), 'manifest.json');
  const text = manifestText(await makeManifest(resolve(folder)));
  if (values.check) {
    if ((await readFile(path, 'utf8')) !== text) throw new Failure(`${path} does not say what the file says.`);
    return console.log(`${path} is right.`);
  }
  await writeFile(path, text);
  console.log(`${path} written.`);
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await runCommand(main);
