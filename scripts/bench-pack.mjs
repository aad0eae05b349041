import './lib/node-version.mjs';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reachedFiles } from './bench/pack/reached-files.mjs';
import { readArguments } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { DIST, ROOT } from './lib/paths.mjs';

const HELP = `npm run bench:pack -- [options]

Makes a plain folder that measures engines in any Chromium, without Node: the benchmark page, and other engines beside it.

  --out DIR   where (bench-pack/); what is there is replaced
  --no-peers  leaves the other engines out (11 MB less)
  --help      this text

Carry it anywhere, run "python3 serve.py" in it, and open the address it prints.`;

/** Files of the pack that are written here; the page, its threads and kernels come from the build. */
const OWN = join(ROOT, 'scripts/bench/pack');
const WLLAMA = join(ROOT, 'node_modules/@wllama/wllama/esm');

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
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  const assets = readdirSync(join(DIST, 'assets'));
  for (const name of reachedFiles(readFileSync(join(DIST, 'bench.html'), 'utf8'), assets, (file) =>
    readFileSync(join(DIST, 'assets', file), 'latin1'),
  )) {
    cpSync(join(DIST, 'assets', name), join(out, 'assets', name));
  }
  cpSync(join(DIST, 'icon.svg'), join(out, 'icon.svg'));
  for (const name of ['serve.py', 'README.txt']) cpSync(join(OWN, name), join(out, name));
  let page = readFileSync(join(DIST, 'bench.html'), 'utf8');
  if (!values['no-peers']) {
    page = page.replace('<head>', '<head>\n    <meta name="sotto-bench-peers" content="./peers/peers.mjs" />');
    mkdirSync(join(out, 'peers/wllama'), { recursive: true });
    cpSync(join(OWN, 'peers.mjs'), join(out, 'peers/peers.mjs'));
    cpSync(join(WLLAMA, 'index.js'), join(out, 'peers/wllama/index.js'));
    cpSync(join(WLLAMA, 'wasm/wllama.wasm'), join(out, 'peers/wllama/wllama.wasm'));
  }
  // Under both names: the page's own, and the one that servers open.
  for (const name of ['bench.html', 'index.html']) writeFileSync(join(out, name), page);
  console.log(`${out}: ${(sizeOf(out) / 1e6).toFixed(1)} MB. Run "python3 serve.py" in it.`);
});

/** @param {string} directory */
function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
