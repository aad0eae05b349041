import './lib/node-version.mjs';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ASSET_MANIFEST, describeAssets, differences } from './lib/asset-manifest.mjs';
import { buildWasm, ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { CACHE, DIST } from './lib/paths.mjs';
import { runTool } from './lib/run.mjs';

/** Where the second build goes. */
const SECOND = join(CACHE, 'second-build');

await runCommand(async () => {
  await ensureDependencies();
  await ensureBuilt();
  await buildWasm();
  const parameters = ['build', '--logLevel', 'warn', '--outDir', SECOND, '--emptyOutDir'];
  const { exitCode, output } = await runTool('vite/bin/vite.js', parameters);
  if (exitCode !== 0) throw new Failure(`${output.trimEnd()}\n\nThe second build failed.`);
  try {
    const first = JSON.parse(readFileSync(join(DIST, ASSET_MANIFEST), 'utf8'));
    const found = differences(first, await describeAssets(SECOND));
    if (found.length > 0) throw new Failure(`Two builds of the same source differ:\n  ${found.join('\n  ')}`);
    console.log(`Two builds are byte-identical: ${Object.keys(first.files).length} files.`);
  } finally {
    rmSync(SECOND, { recursive: true, force: true });
  }
});
