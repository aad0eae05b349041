/**
 * Compiles the CPU kernels from AssemblyScript to WebAssembly: six builds, {fused dots, relaxed SIMD, plain SIMD128} ×
 * {shared, unshared memory}, into src/runtime/backends/cpu/generated. Does nothing when the sources have not changed, so that
 * tests, the development server and the build can all call it.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cpu = join(root, 'src/runtime/backends/cpu');
const generated = join(cpu, 'generated');

/**
 * -O1, not -O3: Binaryen's higher levels hoist loads out of the dot loops, the browser's compiler then spills registers,
 * and kernels run 1.1 to 2 times slower (docs/decisions/0001-own-cpu-engine.md).
 * Inlined kernels are called with constants (bits, whether there are minima), whose branches this level leaves in place:
 * one more pass takes them out, two fifths of all bytes.
 */
const COMMON = [
  '-O1',
  '--runPasses',
  'precompute-propagate,vacuum',
  '--runtime',
  'stub',
  '--noAssert',
  '--importMemory',
  '--noExportMemory',
  '--initialMemory',
  '1',
];
/** FUSED_DOT: constant in the sources (assembly/kernels/word-dot.ts), so that each build holds its own form only. */
const KINDS = {
  fused: ['--enable', 'relaxed-simd', '--use', 'FUSED_DOT=1'],
  relaxed: ['--enable', 'relaxed-simd', '--use', 'FUSED_DOT=0'],
  plain: ['--use', 'FUSED_DOT=0'],
};
const MEMORIES = { shared: ['--enable', 'threads', '--sharedMemory'], unshared: ['--disable', 'threads'] };
const BUILDS = Object.entries(KINDS).flatMap(([kind, features]) =>
  Object.entries(MEMORIES).map(([memory, access]) => ({
    name: `${kind}-${memory}`,
    flags: [...COMMON, '--enable', 'simd', '--maximumMemory', '65536', ...features, ...access],
  })),
);

/** @param {string} folder @returns {Promise<string[]>} */
async function sourcesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function fingerprint() {
  const compiler = JSON.parse(await readFile(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'));
  const files = [
    ...(await sourcesOf(join(cpu, 'assembly'))),
    join(cpu, 'plan-fields.ts'),
    join(cpu, 'encoder-fields.ts'),
    fileURLToPath(import.meta.url),
  ];
  const hash = createHash('sha256').update(compiler.version);
  for (const file of files.sort()) hash.update(relative(root, file)).update(await readFile(file));
  return hash.digest('hex');
}

/**
 * @param {typeof import('assemblyscript/asc')} asc
 * @param {{ name: string, flags: string[] }} build
 */
async function compile(asc, build) {
  /** @type {Uint8Array | undefined} */
  let binary;
  const entry = relative(root, join(cpu, 'assembly/index.ts'));
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '-o', 'engine.wasm', ...build.flags], {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm') && typeof contents !== 'string') binary = contents;
    },
  });
  if (error || binary === undefined) throw new Error(`${build.name}: ${error?.message}\n${stderr.toString()}`);
  // Renaming is atomic: a test that starts meanwhile reads the old build or the new one, never half of one.
  const target = join(generated, `${build.name}.wasm`);
  const temporary = `${target}.${process.pid}`;
  await writeFile(temporary, binary);
  await rename(temporary, target);
}

/** Builds what is out of date. @returns {Promise<boolean>} whether anything was built */
export async function buildWasm() {
  await mkdir(generated, { recursive: true });
  const stamp = join(generated, 'fingerprint');
  const wanted = await fingerprint();
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return false;
  const asc = await import('assemblyscript/asc');
  for (const build of BUILDS) await compile(asc, build);
  await writeFile(stamp, wanted);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = performance.now();
  const built = await buildWasm();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    built ? `Built ${BUILDS.length} WebAssembly modules in ${seconds} s.` : 'WebAssembly modules are up to date.',
  );
}
