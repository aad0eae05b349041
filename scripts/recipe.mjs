import './lib/node-version.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { SERVERS } from './deploy/recipes.mjs';
import { headersOfPolicy } from './deploy/site.mjs';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';
import { checkPolicyText } from './policy/check.mjs';

const HELP = `npm run recipe -- SERVER [options]

Writes the configuration of a web server for Sotto. SERVER: ${Object.keys(SERVERS).join(', ')}.

  --root DIR      folder with the built product (/srv/sotto)
  --path PATH     where it is served, "/" or a path such as /sotto/ (/)
  --listen TEXT   what the server listens on, in its own words (port 80)
  --policy FILE   the policy whose frame ancestors, mirrors and knowledge packs the headers must allow (public/sotto.policy.json)
  --locations F   nginx: a file with further locations of the same server, such as an intranet's own pages
  --examples      instead of printing: writes the three of deploy/
  --help          this text`;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      root: { type: 'string', default: '/srv/sotto' },
      path: { type: 'string', default: '/' },
      listen: { type: 'string' },
      policy: { type: 'string' },
      locations: { type: 'string' },
      examples: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  await ensureDependencies();
  const headers = await readHeaders(
    values.policy === undefined ? join(ROOT, 'public/sotto.policy.json') : fromCaller(values.policy),
  );
  if (values.examples) {
    for (const { make, listen, file } of Object.values(SERVERS)) {
      const to = join(ROOT, 'deploy', file);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, make({ root: '/srv/sotto', path: '/', listen, embedders: [], connections: [] }));
    }
    return;
  }
  const [name = ''] = positionals;
  const server = Object.entries(SERVERS).find(([known]) => known === name)?.[1];
  if (server === undefined)
    throw new Failure(`There is a recipe for ${Object.keys(SERVERS).join(', ')}, not for "${name}".`);
  if (!/^\/([A-Za-z0-9._~-]+\/)*$/.test(values.path))
    throw new Failure(`--path begins and ends with "/", unlike "${values.path}".`);
  if (/["\n\\]/.test(values.root)) throw new Failure('--root must not hold quotation marks or backslashes.');
  if (values.locations !== undefined && name !== 'nginx') throw new Failure('--locations is for nginx.');
  const locations = values.locations === undefined ? '' : readFileSync(fromCaller(values.locations), 'utf8');
  const listen = values.listen ?? server.listen;
  process.stdout.write(server.make({ root: values.root, path: values.path, listen, locations, ...headers }));
});

/** @param {string} file */
async function readHeaders(file) {
  const { policy } = await checkPolicyText(readFileSync(file, 'utf8'));
  if (policy === null) throw new Failure(`${file} is no policy: npm run policy -- check ${file}`);
  return headersOfPolicy(policy);
}
