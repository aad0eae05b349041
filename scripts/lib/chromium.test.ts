import { expect, test } from 'vitest';
import { findChromium } from './chromium.mjs';

const playwrightPath = async () => '/home/me/playwright/chrome';
const find = (environment: Record<string, string>, ...files: string[]) =>
  findChromium({ environment, exists: (path) => files.includes(path), playwrightPath });

test('prefers the one that is named, then the system’s, then Playwright’s', async () => {
  const files = ['/opt/mine', '/usr/bin/chromium', '/home/me/playwright/chrome'];
  expect(await find({ SOTTO_CHROMIUM: '/opt/mine' }, ...files)).toBe('/opt/mine');
  expect(await find({}, ...files)).toBe('/usr/bin/chromium');
  expect(await find({}, '/home/me/playwright/chrome')).toBe('/home/me/playwright/chrome');
  expect(await find({})).toBeNull();
});

test('a named one that is not there is an error, not a silent fall-back', async () => {
  await expect(find({ SOTTO_CHROMIUM: '/opt/gone' }, '/usr/bin/chromium')).rejects.toThrow('/opt/gone');
});
