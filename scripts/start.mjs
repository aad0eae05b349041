import './lib/node-version.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { headersOfPolicy } from './deploy/site.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { fromCaller } from './lib/from-caller.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { DIST } from './lib/paths.mjs';
import { serveProduct } from './lib/server.mjs';
import { sourceModule } from './lib/source-module.mjs';
import { checkPolicyText } from './policy/check.mjs';

const HELP = `npm start -- [options]

Installs what is missing, builds Sotto and serves it.

  --port N        port to listen on (4173)
  --host NAME     address to listen on (localhost)
  --embed ORIGIN  lets pages of this origin hold the widget, https://intranet.example; may be given more than once
  --policy FILE   a policy in place of public/sotto.policy.json; whom it lets hold the widget, and its mirrors, go into the headers
  --help          this text`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      port: { type: 'string', default: '4173' },
      host: { type: 'string', default: 'localhost' },
      policy: { type: 'string' },
      embed: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const port = readNumber('--port', values.port, { minimum: 0, maximum: 65_535 });

  const named = values.embed.map(readOrigin);

  await ensureDependencies();
  await ensureBuilt();
  const { pages, embedders, connections } = await readPolicy(values.policy, named);
  const server = await serveProduct({
    host: values.host,
    port,
    pages,
    embedders: [...new Set([...embedders, ...named])],
    connections,
  });

  console.log(`Sotto is at ${server.url}`);
  if (!['localhost', '127.0.0.1', '::1'].includes(values.host)) {
    console.log('From other machines browsers need https here (a secure context): put a TLS proxy in front of it.');
  }
  console.log('Press Ctrl+C to stop.');
  const stop = () => void server.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
});

/**
 * @param {string} text
 * @returns {string} An origin; anything else would end up in a header as it stands.
 */
function readOrigin(text) {
  if (!URL.canParse(text) || !/^https?:/.test(text) || new URL(text).origin !== text.replace(/\/$/, '')) {
    throw new Failure(`--embed takes an origin such as https://intranet.example, not "${text}".`);
  }
  return new URL(text).origin;
}

/**
 * What a policy puts into the headers, as the recipes of the real servers have it.
 * @param {string | undefined} given A file to serve in place of the one that was built.
 * @param {readonly string[]} named Origins of --embed.
 */
async function readPolicy(given, named) {
  const file = given === undefined ? join(DIST, 'sotto.policy.json') : fromCaller(given);
  if (!existsSync(file)) {
    if (given === undefined) return { pages: {}, embedders: [], connections: [] };
    throw new Failure(`${given} is not there.`);
  }
  const text = readFileSync(file, 'utf8');
  const { policy } = await checkPolicyText(text);
  if (policy === null)
    throw new Failure(`${given ?? 'public/sotto.policy.json'} is no policy: npm run policy -- check ${file}`);
  const { isAmong } = await sourceModule('src/policy/index.ts');
  const unnamed = named.find((origin) => !isAmong(policy.frameAncestors, origin));
  if (policy.frameAncestors.length > 0 && unnamed !== undefined)
    throw new Failure(
      `The policy names who may hold the widget, and ${unnamed} is not among them: add it to frameAncestors.`,
    );
  return { pages: given === undefined ? {} : { '/sotto.policy.json': text }, ...headersOfPolicy(policy) };
}
