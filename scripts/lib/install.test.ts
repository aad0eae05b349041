import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { INSTALL, staleness } from './install.mjs';

const machine = { platform: 'linux', arch: 'x64' };
const wanted = {
  '': {},
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/native-linux': { version: '1.0.0', integrity: 'sha512-l', optional: true, os: ['linux'], cpu: ['x64'] },
  'node_modules/native-mac': {
    version: '1.0.0',
    integrity: 'sha512-m',
    optional: true,
    os: ['darwin'],
    cpu: ['arm64'],
  },
};
const { '': _, 'node_modules/native-mac': mac, ...installed } = wanted;
const all = () => true;

test('what npm installed here is up to date', () => {
  expect(staleness(wanted, installed, all, machine)).toBeNull();
});

test.each([
  ['nothing is installed', null, all],
  ['node_modules/a is missing', { 'node_modules/native-linux': wanted['node_modules/native-linux'] }, all],
  ['another version', { ...installed, 'node_modules/a': { version: '0.9.0', integrity: 'sha512-a' } }, all],
  ['another version', { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-evil' } }, all],
  ['was deleted', installed, (path: string) => path !== 'node_modules/a'],
  ['belongs to another machine', { ...installed, 'node_modules/native-mac': mac }, all],
])('%s', (reason, found, exists) => {
  expect(staleness(wanted, found, exists, machine)).toContain(reason);
});

test('the tools that build are installed where NODE_ENV says production, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto install '));
  try {
    mkdirSync(join(folder, 'tool'));
    writeFileSync(join(folder, 'tool', 'package.json'), JSON.stringify({ name: 'tool', version: '1.0.0' }));
    const project = { name: 'project', version: '1.0.0', private: true, devDependencies: { tool: 'file:tool' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
    execFileSync('npm', [...INSTALL, '--offline'], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production' },
      shell: process.platform === 'win32',
    });
    expect(existsSync(join(folder, 'node_modules', 'tool'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
