import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { CACHE, DIST, ROOT } from './paths.mjs';
import { run, runTool } from './run.mjs';

/** Everything the production build is made from. */
const INPUTS = [
  'index.html',
  'widget.html',
  'package-lock.json',
  'vite.config.ts',
  'tsconfig.base.json',
  'scripts/build-wasm.mjs',
  'scripts/headers.mjs',
  'scripts/lib/asset-manifest.mjs',
  'scripts/vite',
  'flows',
  'flows.html',
  'experts.html',
  'models',
  'public',
  'src',
  'workers',
];

/** Files above this are told apart by size and time: hashing the weights at every start would cost a second. */
const HASHED_BYTES = 2 ** 20;

const STAMP = join(CACHE, 'build.json');

/** Copies that `npm run compress` makes beside built files. @param {string} name */
const isCopy = (name) => /\.(br|gz)$/.test(name);

/** Cases, rows and scores of the flows are no part of the product. @param {string} name */
const isBuildInput = (name) =>
  !/(\.test\.tsx?|\.md|\.tsbuildinfo|\.jsonl|\.tsv|\b(?:scores|distillation)\.json)$/.test(name);

/**
 * All files below a path of the repository, sorted; the path itself when it is a file.
 * @param {string} path Relative to the root.
 * @param {(path: string) => boolean} [enters] False for folders to leave out.
 * @returns {string[]}
 */
export function listFiles(path, enters = () => true) {
  const absolute = join(ROOT, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  if (!enters(path)) return [];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => listFiles(`${path}/${name}`, enters));
}

/**
 * One hash over names and contents.
 * @param {readonly string[]} files
 * @returns {string}
 */
function hashOfFiles(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file}\0${size}\0`);
    hash.update(size > HASHED_BYTES ? String(mtimeMs) : readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** What a build now would be made from. */
function hashOfInputs() {
  // The generated kernels are an output that the wasm step checks by itself.
  const inputs = INPUTS.flatMap((path) => listFiles(path)).filter(
    (file) => isBuildInput(file) && !file.includes('/generated/'),
  );
  return hashOfFiles(inputs);
}

/**
 * What a build was made from, and what it left; equal stamps mean an identical product.
 * @param {string} inputs
 */
function stampOf(inputs) {
  return JSON.stringify({ inputs, outputs: hashOfFiles(listFiles('dist').filter((file) => !isCopy(file))) });
}

/** True when dist/ is exactly what the sources as they are now give. */
export function isBuilt() {
  return (
    existsSync(join(DIST, 'index.html')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stampOf(hashOfInputs())
  );
}

/**
 * Compiles the WASM kernels; the script itself skips what is up to date.
 * @returns {Promise<void>}
 */
export async function buildWasm() {
  const { exitCode, output } = await run(process.execPath, ['scripts/build-wasm.mjs']);
  if (exitCode !== 0) throw new Failure(`${output.trimEnd()}\n\nThe WASM kernels did not compile.`);
}

/**
 * Builds the product unless dist/ is up to date. Commands that run side by side build it once.
 * @returns {Promise<void>}
 */
export async function ensureBuilt() {
  if (isBuilt()) return;
  await withLock(join(CACHE, 'build.lock'), async () => {
    if (!isBuilt()) await build();
  });
}

async function build() {
  console.error('Building …');
  const started = Date.now();
  // Before the build: what is written while it runs is in none, and the next one must see that.
  const inputs = hashOfInputs();
  await buildWasm();
  const { exitCode, output } = await runTool('vite/bin/vite.js', ['build', '--logLevel', 'warn']);
  if (exitCode !== 0) throw new Failure(`${output.trimEnd()}\n\nThe build failed.`);
  writeFileSync(STAMP, stampOf(inputs));
  console.error(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
