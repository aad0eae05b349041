import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../lib/paths.mjs';

/**
 * Packs the library and installs it into a folder, as `npm install` of the tarball would.
 * @param {string} folder
 * @returns {{ tarball: string, installed: string }}
 */
export function installPacked(folder) {
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe', shell: true });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const installed = join(folder, 'node_modules', 'sotto');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  return { tarball, installed };
}

/**
 * Runs the command that comes with the package.
 * @param {string} folder The project.
 * @param {string} target
 */
export function copyRuntime(folder, target) {
  const command = join(folder, 'node_modules/sotto/package/bin/sotto.mjs');
  execFileSync(process.execPath, [command, 'copy', target], { cwd: folder, stdio: 'pipe' });
}

/**
 * Lends a project the packages that are installed here.
 * @param {string} folder
 */
export function lendPackages(folder) {
  const from = join(ROOT, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('.') || name === 'sotto' || existsSync(join(to, name))) continue;
    symlinkSync(join(from, name), join(to, name), 'junction');
  }
}
