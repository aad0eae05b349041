import './lib/node-version.mjs';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { hashFile, manifestText } from './manifest.mjs';

const HELP = `node scripts/onnx-manifest.mjs [--check] FOLDER

Writes FOLDER/manifest.json of an ONNX model: onnx/*.onnx is its weights, the .json files beside it are its companions.
What people choose (id, name, licence, source, quantisation, parameters) is kept from the manifest that is there.

  --check   writes nothing; fails where the manifest does not say what the files say`;

/** The library's buffers, the runtime's packed copies, and 27 MB of WebAssembly. */
const WORKING_SPACE = 2.2;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (values.help || folder === undefined) return console.log(HELP);
  const root = resolve(folder);
  const path = join(root, 'manifest.json');
  const text = manifestText(await onnxManifest(root));
  if (values.check) {
    if ((await readFile(path, 'utf8')) !== text) throw new Failure(`${path} does not say what the files say.`);
    return console.log(`${path} is right.`);
  }
  await writeFile(path, text);
  console.log(`${path} written.`);
});

/** @param {string} root @returns {Promise<Record<string, unknown>>} */
async function onnxManifest(root) {
  const weights = (await readdir(join(root, 'onnx'))).filter((name) => name.endsWith('.onnx'));
  const [weight] = weights;
  if (weight === undefined) throw new Failure(`${root}/onnx holds no .onnx file.`);
  const parts = (await readdir(root)).filter((name) => name.endsWith('.json') && name !== 'manifest.json').sort();
  const companions = [...weights.slice(1).map((name) => `onnx/${name}`), ...parts];
  const config = JSON.parse(await readFile(join(root, 'config.json'), 'utf8'));
  /** @type {Record<string, unknown>} */
  const before = JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8').catch(() => '{}'));
  const file = { path: `onnx/${weight}`, ...(await hashFile(join(root, 'onnx', weight))) };
  const others = await Promise.all(
    companions.map(async (name) => ({ path: name, ...(await hashFile(join(root, name))) })),
  );
  const memoryBytes = Math.round(file.size * WORKING_SPACE);
  const tokenizer = others.find(({ path }) => path === 'tokenizer.json');
  return {
    $schema: '../manifest.schema.json',
    manifestVersion: 1,
    id: before['id'] ?? basename(root),
    name: before['name'] ?? basename(root),
    version: before['version'] ?? '1',
    architecture: config.model_type,
    parameters: before['parameters'] ?? 1,
    quantisation: before['quantisation'] ?? 'int8',
    licence: before['licence'] ?? { id: 'unknown', file: 'LICENSE' },
    source: before['source'] ?? '',
    file,
    companions: others,
    contextLength: config.max_position_embeddings,
    // It has no chat template, and no way of speaking: these say so.
    chatTemplateSha256: createHash('sha256').update('').digest('hex'),
    ...(tokenizer === undefined ? {} : { tokenizerSha256: tokenizer.sha256 }),
    memoryBytes,
    memory: { weightsBytes: file.size, cacheBytesPerToken: 0, workingBytes: memoryBytes - file.size },
    capabilities: ['tasks'],
    defaults: { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 1 },
  };
}
