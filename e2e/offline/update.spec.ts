import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { securityHeaders } from '../../scripts/headers.mjs';
import { DIST } from '../../scripts/lib/paths.mjs';
import { listen } from '../../scripts/lib/server.mjs';
import { createStaticHandler } from '../../scripts/lib/static-server.mjs';
import { expect, test } from '../kit/index.ts';

// These journeys are about the page: a download of the model that fails, for want of weights or of a network, is part of the scene.
test.use({ allowedErrors: [/404|ERR_FAILED|ERR_INTERNET_DISCONNECTED/] });

/** A copy of the build as a later version of it: another name for the page's script, another revision of the page. */
async function makeVersions(): Promise<{ directory: string; publish(): Promise<void>; oldScript: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'sotto-update-'));
  await cp(DIST, directory, { recursive: true, filter: (path) => !path.endsWith('.gguf') });
  const script = /<script[^>]* src="\.\/assets\/([^"]+\.js)"/.exec(
    await readFile(join(directory, 'index.html'), 'utf8'),
  )?.[1];
  if (script === undefined) throw new Error('the page of the build has no script in assets/');
  const edit = async (file: string, change: (text: string) => string) => {
    const path = join(directory, file);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };
  return {
    directory,
    oldScript: `assets/${script}`,
    async publish() {
      await rename(join(directory, 'assets', script), join(directory, 'assets', 'app-newer.js'));
      await edit('index.html', (text) => text.replaceAll(script, 'app-newer.js'));
      await edit('service-worker.js', (text) =>
        text
          .replaceAll(script, 'app-newer.js')
          .replace(/("revision":")[\da-f]{32}(","url":"index\.html")/, '$1newer$2'),
      );
    },
  };
}

test('an update is offered, never forced; parts of the old version are served until every tab has moved', async ({
  page,
  context,
}) => {
  const versions = await makeVersions();
  const server = await listen(createStaticHandler({ directory: versions.directory, headers: securityHeaders() }));
  const scriptOf = (tab: typeof page) => tab.evaluate(() => document.querySelector('script')?.src ?? '');
  try {
    await page.goto(server.url);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    const other = await context.newPage();
    await other.goto(server.url);

    await versions.publish();
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    await expect(page.getByText('An update is ready.')).toBeVisible();
    await page.reload();
    expect(await scriptOf(page), 'a reload alone changes nothing').toContain(versions.oldScript);

    await page.getByRole('button', { name: 'Update now' }).click();
    await expect.poll(() => scriptOf(page).catch(() => '')).toContain('app-newer.js');
    await expect(other.getByText('Sotto was updated in another tab.')).toBeVisible();
    expect(await scriptOf(other), 'the other tab is not reloaded').toContain(versions.oldScript);
    const oldPart = await other.evaluate(async (path) => (await fetch(path)).status, versions.oldScript);
    expect(oldPart, 'the server has it no more, the service worker has').toBe(200);

    await other.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => scriptOf(other).catch(() => '')).toContain('app-newer.js');
  } finally {
    await server.close();
    await rm(versions.directory, { recursive: true, force: true });
  }
});

test('what the service worker answers by itself keeps its headers, worker scripts included', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const scripts = (await readdir(join(DIST, 'assets'))).filter((name) => /\.worker-.*\.js$/.test(name));
  expect(scripts.length).toBeGreaterThan(2);
  await page.context().setOffline(true);
  for (const path of ['', 'sotto.js', ...scripts.map((name) => `assets/${name}`)]) {
    const headers = await page.evaluate(
      async (address) => Object.fromEntries((await fetch(address)).headers),
      `./${path}`,
    );
    for (const [name, value] of Object.entries(securityHeaders())) {
      expect(headers[name.toLowerCase()], `${name} of /${path}`).toBe(value);
    }
  }
});

test('without a network any address of the app leads to the app', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await page.context().setOffline(true);
  for (const address of ['/?backend=cpu', '/some/where/else']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1, name: 'Sotto' })).toBeAttached();
  }
});

test('the seal counts what page and threads ask of the network, and names it', async ({ page }) => {
  await page.goto('/');
  const seal = page.getByTitle('Privacy: what is stored here, and what was sent');
  await expect(seal).toContainText('0 requests', { timeout: 60_000 });
  const worker = page.workers()[0];
  if (worker === undefined) throw new Error('no thread runs');
  await worker.evaluate(async () => void (await fetch('/no-such-thing.json?secret')));
  await expect(seal).toContainText('1 request');
  await page.evaluate(async () => void (await fetch('/another.json')));
  await expect(seal).toContainText('2 requests');
  await page.evaluate(async () => void (await fetch('/icon.svg')));
  await seal.click();
  const panel = page.getByRole('dialog');
  await expect(panel).toContainText('/no-such-thing.json');
  await expect(panel).not.toContainText('icon.svg');
  await expect(panel).not.toContainText('secret');
});
