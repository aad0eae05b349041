import { securityHeaders } from '../../scripts/headers.mjs';
import { DIST } from '../../scripts/lib/paths.mjs';
import { listen } from '../../scripts/lib/server.mjs';
import { createStaticHandler } from '../../scripts/lib/static-server.mjs';
import { ChatPage, expect, test } from '../kit/index.ts';

const PATH = '/apps/sotto/';

/** The built product below a path, as one of several applications of a host; it keeps what was asked for. */
async function startBelowPath() {
  const serve = createStaticHandler({ directory: DIST, headers: securityHeaders() });
  const asked: string[] = [];
  const strays: string[] = [];
  const server = await listen((request, response) => {
    const address = request.url ?? '/';
    if (!address.startsWith(PATH)) {
      // A browser asks for this one by itself.
      if (address !== '/favicon.ico') strays.push(address);
      response.writeHead(404).end();
      return;
    }
    asked.push(address.slice(PATH.length - 1));
    request.url = address.slice(PATH.length - 1);
    void serve(request, response);
  });
  return { ...server, url: `${server.url}${PATH.slice(1)}`, asked, strays };
}

/** The rows of the account of requests: why, how many, how large. */
type Account = readonly { readonly reason: string; readonly count: number; readonly bytes: number }[];

test('below a path everything works: installing, the account of the first visit, the local API, other pages, no network', async ({
  page,
  context,
}) => {
  const server = await startBelowPath();
  const chat = await (await new ChatPage(page).open(server.url)).untilReady();

  // Every request since the very first is in the account: by the page before its service worker was there, then by that one.
  const readAccount = () =>
    page.evaluate(async (): Promise<Account> => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('sotto-requests');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const rows = await new Promise<Account>((resolve) => {
        const request = database.transaction('totals').objectStore('totals').getAll();
        request.onsuccess = () => resolve(request.result);
      });
      database.close();
      return rows;
    });
  const of = async (reason: string) => (await readAccount()).find((row) => row.reason === reason);
  const weights = server.asked.filter((address) => address.endsWith('.gguf')).length;
  // The browser's own: the script of the service worker and what an installed app looks like.
  const browserOwn = server.asked.filter((address) =>
    /^\/(service-worker\.js|icon[^?]*|manifest\.webmanifest)$/.test(address),
  );
  // It is written behind the requests.
  await expect.poll(async () => (await of('model'))?.count).toBe(weights);
  await expect.poll(async () => (await of('model'))?.bytes).toBeGreaterThan(98_000_000);
  await expect
    .poll(async () => (await of('page'))?.count)
    .toBeGreaterThanOrEqual(server.asked.length - weights - browserOwn.length - 2);
  const account = await readAccount();
  expect(account.every(({ reason }) => reason === 'page' || reason === 'model')).toBe(true);
  expect((await of('page'))?.count).toBeLessThanOrEqual(server.asked.length - weights);

  // What a browser asks of an app that it offers to install.
  const session = await context.newCDPSession(page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A profile of a test is a private one.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
    const read = await (await fetch(link?.href ?? '')).json();
    const icons = await Promise.all(
      read.icons.map(async ({ src }: { src: string }) => (await fetch(new URL(src, link?.href))).status),
    );
    return { read, icons, start: new URL(read.start_url, link?.href).href };
  });
  expect(manifest.start).toBe(server.url);
  expect(new Set(manifest.icons)).toEqual(new Set([200]));
  expect(manifest.read.icons.some(({ purpose }: { purpose: string }) => purpose.includes('maskable'))).toBe(true);
  expect(manifest.read.shortcuts.length).toBeGreaterThan(1);
  for (const selector of [
    'meta[name=viewport]',
    'meta[name=description]',
    'meta[name=theme-color]',
    'link[rel=apple-touch-icon]',
  ]) {
    await expect(page.locator(selector).first()).toBeAttached();
  }

  // What another app shares becomes a draft and a question, never a message by itself.
  await page.evaluate(() => {
    const form = Object.assign(document.createElement('form'), {
      method: 'post',
      action: './share-target',
      enctype: 'multipart/form-data',
    });
    const text = Object.assign(document.createElement('textarea'), { name: 'text', value: 'Shared words' });
    const file = Object.assign(document.createElement('input'), { type: 'file', name: 'files' });
    const transfer = new DataTransfer();
    transfer.items.add(new File(['The harbour closes at nine.'], 'harbour.txt', { type: 'text/plain' }));
    file.files = transfer.files;
    form.append(text, file);
    document.body.append(form);
    return fetch(form.action, { method: 'POST', body: new FormData(form) }).then(() => form.remove());
  });
  await page.goto(`${server.url}?shared`);
  await expect(chat.messageBox).toHaveValue('Shared words');
  expect(page.url()).toBe(server.url);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'harbour.txt', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');

  await chat.untilReady();
  const models = await page.evaluate(async () => (await (await fetch('./v1/models')).json()).data.length);
  expect(models).toBeGreaterThan(0);
  await page.goto(`${server.url}flows.html`);
  await expect(page.getByRole('heading').first()).toBeVisible();

  await server.close();
  await page.goto(server.url);
  await chat.untilReady();
  await chat.ask('What does HTTP stand for?');
  await chat.finishedAnswer();
  expect(server.strays, 'asked for outside of the path').toEqual([]);
});
