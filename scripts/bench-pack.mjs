import './lib/node-version.mjs';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writePack } from './bench/pack/write-pack.mjs';
import { readArguments } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `npm run bench:pack -- [options]

Makes a plain folder that measures engines in any Chromium, without Node: the benchmark page, and other engines beside it.

  --out DIR   where (bench-pack/); what is there is replaced
  --no-peers  leaves the other engines out (40 MB less)
  --help      this text

Carry it anywhere, run "python3 serve.py" in it, and open the address it prints.`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      out: { type: 'string', default: 'bench-pack' },
      'no-peers': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  await ensureDependencies();
  await ensureBuilt();

  const out = resolve(ROOT, values.out);
  const isOurs = !existsSync(out) || existsSync(join(out, 'serve.py')) || readdirSync(out).length === 0;
  if (!isOurs) throw new Failure(`${out} holds something else than a pack. Choose another folder: --out DIR`);
  writePack(out, { wantsPeers: !values['no-peers'] });
  console.log(`${out}: ${(sizeOf(out) / 1e6).toFixed(1)} MB. Run "python3 serve.py" in it.`);
});

/** @param {string} directory */
function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
