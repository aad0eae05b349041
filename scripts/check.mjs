import './lib/node-version.mjs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { readArguments } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';

const HELP = `npm run check -- [options]

Runs every static check and prints a line for each.

  --only TEXT      only checks whose name holds TEXT
  --report FILE    also writes [{name, isPassed}] to FILE
  --help           this text`;

await runCommand(async () => {
  const { values } = readArguments({
    options: { only: { type: 'string' }, report: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(HELP);
  await ensureDependencies();

  // Only now: some checks are made of packages that may just have been installed.
  const { allChecks } = await import('./check/checks.mjs');
  const { runChecks } = await import('./check/run-checks.mjs');
  const isWanted = (/** @type {{ name: string }} */ { name }) => name.includes(values.only ?? '');
  const print = console.log;
  // The rules over dist/ and over the generated kernels' importers need the build to be there.
  const built = await runChecks([{ name: 'the product builds', findProblems: buildProblems }], { atOnce: 1, print });
  const results = [...built, ...(await runChecks(allChecks().filter(isWanted), { atOnce: 2, print }))];

  if (values.report !== undefined) {
    mkdirSync(dirname(values.report), { recursive: true });
    writeFileSync(values.report, JSON.stringify(results));
  }
  const failed = results.filter(({ isPassed }) => !isPassed).length;
  console.log(`${results.length - failed} checks passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});

async function buildProblems() {
  await ensureBuilt();
  return '';
}
