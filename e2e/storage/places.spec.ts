import type { Page } from '@playwright/test';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

const MODEL = 'all-minilm-l6-v2';

const stateOf = (page: Page) =>
  page.evaluate(async (id) => {
    const [stored, storage] = await Promise.all([sotto.models.stored(), sotto.models.storage()]);
    const model = stored.find((one) => one.id === id);
    return { preferred: storage.medium, medium: model?.medium, complete: model?.complete };
  }, MODEL);

const embed = (page: Page) =>
  page.evaluate(async (model) => {
    const { data } = await sotto.embeddings.create({ model, input: 'The cat sat on the mat.' });
    return Array.from(data[0]!.embedding as readonly number[]).slice(0, 4);
  }, MODEL);

test('models move to private files and back: killed in the middle nothing is lost, and the next move ends it', async ({
  profile,
  baseURL,
}) => {
  let context = await profile.open();
  let page = await openLibrary(await context.newPage(), baseURL);
  await page.evaluate((id) => sotto.models.download(id), MODEL);
  expect(await stateOf(page)).toEqual({ preferred: 'indexeddb', medium: 'indexeddb', complete: true });
  const before = await embed(page);

  // Killed after some of its seven pieces.
  await page.evaluate(async () => {
    await new Promise((resolve) => {
      sotto.models
        .moveTo('opfs', {
          onProgress: (event) => {
            if (event.type === 'download-progress' && event.loadedBytes > 0) resolve(null);
          },
        })
        .then(resolve, resolve);
    });
  });
  await profile.kill();
  context = await profile.open();
  page = await openLibrary(await context.newPage(), baseURL);
  expect(await stateOf(page)).toMatchObject({ preferred: 'opfs', complete: true });
  expect(await embed(page)).toEqual(before);

  await page.evaluate(() => sotto.models.moveTo('opfs'));
  expect(await stateOf(page)).toEqual({ preferred: 'opfs', medium: 'opfs', complete: true });
  expect((await page.evaluate((id) => sotto.models.verify(id), MODEL)).complete).toBe(true);
  await context.close();

  // A new start, with the server away: it is all in the files.
  context = await profile.open();
  page = await openLibrary(await context.newPage(), baseURL);
  await context.setOffline(true);
  expect(await embed(page)).toEqual(before);
  await context.setOffline(false);

  await page.evaluate(() => sotto.models.moveTo('indexeddb'));
  expect(await stateOf(page)).toEqual({ preferred: 'indexeddb', medium: 'indexeddb', complete: true });
  const left = await page.evaluate(async () => {
    const names: string[] = [];
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('sotto-weights');
    for await (const name of folder.keys()) names.push(name);
    return names;
  });
  expect(left).toEqual([]);
  await page.evaluate((id) => sotto.models.delete(id), MODEL);
  expect(await page.evaluate(() => sotto.models.stored())).toEqual([]);
});
