import type { Page } from '@playwright/test';
import { ChatPage, expect, returning as test } from '../kit/index.ts';

const MEGABYTE = 1e6;

/** Lets the page believe that it may store so many bytes more than it does; the browser itself always says ten gigabytes more. */
function limitRoom(page: Page, moreBytes: number): Promise<void> {
  return page.evaluate(async (more) => {
    const { storage } = navigator;
    const real = storage.estimate.bind(storage);
    const quota = ((await real()).usage ?? 0) + more;
    storage.estimate = async () => ({ ...(await real()), quota });
  }, moreBytes);
}

// Three models: two are stored, and the third has no room until one of them goes.
test('short of room, a model that was not used lately can go: asked twice, gone whole, and the download goes on', async ({
  page,
}) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  const usage = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const full = await usage();
  await limitRoom(page, 20 * MEGABYTE);

  await chat.modelChip.click();
  await page.getByRole('button', { name: 'All models' }).click();
  const wanted = page.getByRole('listitem').filter({
    has: page.getByRole('heading', { name: 'all-MiniLM-L6-v2 (ONNX)', exact: true }),
  });
  const offer = wanted.getByRole('status').filter({ hasText: 'Used least lately' });
  await expect(offer).toBeVisible();
  // What is said adds up: the reserve that a database needs is in the figure.
  const [, needed, free] = /([\d.]+) MB needed, ([\d.]+) MB free/.exec((await offer.textContent()) ?? '') ?? [];
  expect(Number(needed)).toBeGreaterThan(22.9 + 16);
  expect(Number(free)).toBeLessThanOrEqual(20);

  const stored = offer.getByRole('listitem').filter({ hasText: 'all-MiniLM-L6-v2' });
  await stored.getByRole('button', { name: 'Delete' }).click();
  await stored.getByRole('button', { name: 'Keep' }).click();
  expect(await usage(), 'nothing goes at the first press').toBeGreaterThan(full - MEGABYTE);
  await stored.getByRole('button', { name: 'Delete' }).click();
  await stored.getByRole('button', { name: /^Yes, delete 24\.7 MB$/ }).click();

  await expect(offer).toBeHidden();
  await expect.poll(usage, { message: 'its bytes are gone' }).toBeLessThan(full - 20 * MEGABYTE);
  await wanted.getByRole('button', { name: 'Download' }).click();
  await wanted.getByRole('button', { name: 'Verify' }).click();
  await expect(wanted.getByText('Verified: every byte is as it was stored.')).toBeVisible();
});
