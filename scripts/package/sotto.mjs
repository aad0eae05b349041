#!/usr/bin/env node
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const HELP = `sotto copy FOLDER

Copies what the library loads while it runs (threads, engines) into a folder that your server hands out, for example
public/sotto. Then: Sotto.create({ runtime: '/sotto/' }). The library itself lies there, too, for pages without a bundler:
import { Sotto } from '/sotto/sotto.js'. Copy again after each update of the package.`;

const [command, folder, ...rest] = process.argv.slice(2);
if (command !== 'copy' || folder === undefined || rest.length > 0) {
  console.error(HELP);
  process.exitCode = command === '--help' ? 0 : 1;
} else {
  const from = fileURLToPath(new URL('../dist/', import.meta.url));
  const to = resolve(folder);
  const wasThere = existsSync(join(to, 'assets'));
  mkdirSync(to, { recursive: true });
  // The other entries import packages by name, which only a bundler finds.
  for (const name of ['assets', 'sotto.js', 'prompt-api.js']) {
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
  // A server that answers every address with its page would answer so for a policy that is not there. A site's own one stays.
  const policy = join(to, 'sotto.policy.json');
  if (!existsSync(policy)) cpSync(join(from, 'sotto.policy.json'), policy);
  console.log(`${wasThere ? 'Updated' : 'Copied to'} ${to}`);
}
