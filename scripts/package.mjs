import './lib/node-version.mjs';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWasm } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';
import { runTool } from './lib/run.mjs';

/** What `npm pack` packs: `dist/` (the library, its threads and engines), `types/`, `bin/`. */
const PACKAGE = join(ROOT, 'package');

/**
 * @param {string} tool
 * @param {string[]} parameters
 */
async function make(tool, parameters) {
  const { exitCode, output } = await runTool(tool, parameters);
  if (exitCode !== 0) throw new Failure(`${output.trimEnd()}\n\nThe package could not be built.`);
}

/** Declarations keep the endings of their sources, which are not in the package: they must name what is. */
function nameDeclarations() {
  const types = join(PACKAGE, 'types');
  for (const entry of readdirSync(types, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/(from |import\()('|")(\.[^'"]*)\.ts\2/gu, '$1$2$3.js$2'));
  }
}

await runCommand(async () => {
  await ensureDependencies();
  rmSync(PACKAGE, { recursive: true, force: true });
  await buildWasm();
  await make('vite/bin/vite.js', ['build', '-c', 'vite.package.config.ts', '--logLevel', 'warn']);
  await make('typescript/bin/tsc', ['-p', 'tsconfig.package.json']);
  nameDeclarations();
  // A site that answers every address with its page would otherwise answer the question for its policy so.
  cpSync(join(ROOT, 'public/sotto.policy.json'), join(PACKAGE, 'dist/sotto.policy.json'));
  mkdirSync(join(PACKAGE, 'bin'));
  cpSync(join(ROOT, 'scripts/package/sotto.mjs'), join(PACKAGE, 'bin/sotto.mjs'));
});
