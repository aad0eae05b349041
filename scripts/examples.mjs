import './lib/node-version.mjs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `npm run examples -- [--port N]

Packs the library, builds the pages of examples/ against it and serves them (port 4180).`;

await runCommand(async () => {
  const { values } = readArguments({
    options: { port: { type: 'string', default: '4180' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(HELP);
  const port = readNumber('--port', values.port, { minimum: 0, maximum: 65_535 });
  await ensureDependencies();
  const { installPacked } = await import('./examples/packed-library.mjs');
  const { buildExamples, serveSite } = await import('./examples/example-site.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'sotto-examples-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  installPacked(folder);
  const server = await serveSite(await buildExamples(folder), { port });
  const pages = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of pages) console.log(`${server.url}${name}/`);
  console.log('Press Ctrl+C to stop.');
  const stop = () => void server.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
});
