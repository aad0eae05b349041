import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Failure } from './failure.mjs';
import { ROOT } from './paths.mjs';
import { run } from './run.mjs';

/**
 * What npm is asked for. Not `npm ci`: it refuses a lock file that lacks the optional packages of other systems, and a
 * registry that mirrors only some systems leaves just that. Without saving, `install` takes the locked versions too and
 * changes no file. No package here needs its install script, and one that suddenly wants to run one should not. The tools
 * that build the product are wanted wherever it is built, also under NODE_ENV=production, where npm leaves them out.
 */
export const INSTALL = [
  'install',
  '--no-save',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/**
 * One package as npm's lock files describe it.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[] }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Why what is installed is not what the lock file asks for, or null when it is.
 * npm leaves its own record in node_modules as the last act of an install, so an interrupted one has none.
 * @param {LockedPackages} wanted `packages` of package-lock.json.
 * @param {LockedPackages | null} installed `packages` of node_modules/.package-lock.json.
 * @param {(path: string) => boolean} exists Whether a path relative to the root is there.
 * @param {{ platform: string, arch: string }} machine
 * @returns {string | null}
 */
export function staleness(wanted, installed, exists, machine = process) {
  if (installed === null) return 'nothing is installed';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined) {
      // Optional packages for other machines are left out by npm on purpose.
      if (entry.optional !== true) return `${path} is missing`;
      continue;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} has another version`;
    if (!exists(path)) return `${path} was deleted`;
    if (!matches(found.os, machine.platform) || !matches(found.cpu, machine.arch)) {
      return `${path} belongs to another machine`;
    }
  }
  return null;
}

/**
 * @param {string[] | undefined} allowed
 * @param {string} actual
 */
function matches(allowed, actual) {
  return (
    allowed === undefined ||
    allowed.includes(actual) ||
    (allowed[0]?.startsWith('!') && !allowed.includes(`!${actual}`))
  );
}

/**
 * @param {string} path
 * @returns {LockedPackages | null}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Installs the dependencies when they are missing or do not match package-lock.json.
 * @returns {Promise<void>}
 */
export async function ensureDependencies() {
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  if (wanted === null) throw new Failure('package-lock.json is missing or unreadable: get a fresh copy of Sotto.');
  const installed = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  const reason = staleness(wanted, installed, (path) => existsSync(join(ROOT, path)));
  if (reason === null) return;

  console.error(`Installing dependencies (${reason}) …`);
  const started = Date.now();
  const { exitCode, output } = await runNpm(INSTALL);
  if (exitCode !== 0) {
    const isNetwork = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(
      output,
    );
    const advice = isNetwork
      ? 'The package registry cannot be reached. Connect to the internet once (or point npm to a reachable registry), then run the command again.'
      : 'npm could not install the dependencies. Its own message is above; mend that, then run the command again.';
    throw new Failure(`${output.trimEnd()}\n\n${advice}`);
  }
  console.error(`Dependencies installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** @param {readonly string[]} parameters */
function runNpm(parameters) {
  const npmScript = process.env['npm_execpath'];
  // Under `npm start` the running npm names itself; otherwise the shell finds it (npm.cmd on Windows).
  if (npmScript?.endsWith('.js') && existsSync(npmScript)) return run(process.execPath, [npmScript, ...parameters]);
  return run('npm', parameters, { shell: process.platform === 'win32' });
}
