import { expect, test } from 'vitest';
import { staleness } from './install.mjs';

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
