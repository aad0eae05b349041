import './lib/node-version.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { SERVERS } from './deploy/recipes.mjs';
import { startServer } from './deploy/run-server.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { compressAssets } from './lib/compress-assets.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { DIST } from './lib/paths.mjs';

/** Runs each recipe on its real server, at the root and below a path, and lets the doctor look at it. */
await runCommand(async () => {
  await ensureDependencies();
  await ensureBuilt();
  await compressAssets(DIST);
  const { examine } = await import('./doctor/examine.mjs');
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const name of /** @type {(keyof typeof SERVERS)[]} */ (Object.keys(SERVERS))) {
    for (const path of ['/', '/sotto/']) {
      const folder = mkdtempSync(join(tmpdir(), 'sotto-deploy-'));
      const server = await startServer(name, { root: DIST, path, embedders: [], connections: [] }, folder);
      try {
        if (server === null) {
          total.skipped += 1;
          console.log(
            `skipped  ${name} at ${path}: it is not installed (Debian: apt-get install ${name === 'apache' ? 'apache2' : name}).`,
          );
          continue;
        }
        const findings = await examine(new URL(path, server.url));
        if (findings.length === 0) total.passed += 1;
        else total.failed += 1;
        console.log(`${findings.length === 0 ? 'passed ' : 'FAILED '}  ${name} at ${path}`);
        for (const { check, subject, message } of findings) console.log(`           ${check}: ${subject} ${message}`);
        if (findings.length > 0 && process.env['DEBUG'] !== undefined) console.log(server.log());
      } finally {
        await server?.close();
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0) process.exitCode = 1;
});
