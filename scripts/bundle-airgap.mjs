import './lib/node-version.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { ensureDependencies } from './lib/install.mjs';

const HELP = `npm run bundle:airgap -- --out FILE.tar [options]

Makes one archive for a network without a way out: app, widget, library, models, policy, knowledge packs, configurations of
web servers, the SHA-256 of every file, and two scripts that verify them (one for Node, one for a shell with sha256sum). The
same input gives the same bytes.

  --out FILE        the archive to write
  --policy FILE     the policy (public/sotto.policy.json)
  --model ID        a model of the site to take along; may be given more than once (those the policy allows; all without a list)
  --pack FILE       a model pack of npm run pack: becomes a model of the site; may be given more than once
  --knowledge FILE  a knowledge pack that the policy names by a path; may be given more than once
  --path PATH       where the site will be served, "/" or a path such as /sotto/ (/)
  --help            this text`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      out: { type: 'string' },
      policy: { type: 'string' },
      model: { type: 'string', multiple: true, default: [] },
      pack: { type: 'string', multiple: true, default: [] },
      knowledge: { type: 'string', multiple: true, default: [] },
      path: { type: 'string', default: '/' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.out === undefined) throw new Failure(HELP);
  if (!/^\/([A-Za-z0-9._~-]+\/)*$/.test(values.path))
    throw new Failure(`--path begins and ends with "/", unlike "${values.path}".`);
  await ensureDependencies();
  await ensureBuilt();
  const { layOutSite } = await import('./bundle/site.mjs');
  const { writeArchive } = await import('./bundle/archive.mjs');
  const out = fromCaller(values.out);
  // Beside the archive: the same disk has room for both, where the system's own folder for such things may be small.
  const folder = mkdtempSync(`${dirname(out)}/.sotto-bundle-`);
  try {
    const { models, notes } = await layOutSite(folder, {
      policy: values.policy === undefined ? null : fromCaller(values.policy),
      models: values.model,
      packs: values.pack.map(fromCaller),
      knowledge: values.knowledge.map(fromCaller),
      path: values.path,
    });
    const { files, bytes, sumsHash } = await writeArchive(folder, out);
    for (const note of notes) console.log(`note: ${note}`);
    console.log(`${values.out}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB. Models: ${models.join(', ')}.`);
    console.log(`SHA-256 of its list of hashes, to compare after the way there: ${sumsHash}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
