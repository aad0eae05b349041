import { filesWith } from '../../scripts/lib/files-with.mjs';
import { ChatPage, expect, keptRows, returning as test } from '../kit/index.ts';

const PASSPHRASE = 'correct horse battery';
const MARKER = 'Zanzibarquokka';

test('the vault leaves nothing readable on the disk; everything can be proven, and deleted', async ({
  profile,
  baseURL,
}) => {
  let context = await profile.open();
  let page = await context.newPage();
  let chat = await new ChatPage(page).open(baseURL);
  await chat.untilReady();
  await chat.seal.click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Prove it' }).click();
  await expect(panel.getByText('8 ways out were tried. The browser refused every one.')).toBeVisible();
  await panel.getByRole('button', { name: 'Set a passphrase…' }).click();
  await panel.getByLabel('New passphrase').fill(PASSPHRASE);
  await panel.getByLabel('The same again').fill(PASSPHRASE);
  await panel.getByRole('button', { name: 'Encrypt everything' }).click();
  await expect(panel.getByText(/^Encrypted\./)).toBeVisible({ timeout: 30_000 });
  await page.keyboard.press('Escape');
  await chat.ask(`What is a ${MARKER}?`);
  await chat.finishedAnswer();
  await chat.messageBox.fill(`draft about ${MARKER}`);
  await expect(page.getByText('Saved on this device')).toBeVisible();
  await expect.poll(() => keptRows(page, 'sotto-records', 'records', 'draft')).toHaveLength(1);

  // What the model has read is kept under the vault too.
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await panel.getByLabel('Keep what the model has read of long chats').check();
  await page.keyboard.press('Escape');
  await chat.messageBox.fill('');
  await chat.ask(`Here is a list: ${`${MARKER} and a lighthouse, `.repeat(40)} Which animal is it?`);
  await chat.finishedAnswer();
  const readings = async () => (await keptRows(page, 'sotto-snapshots', 'heads')).length;
  await expect.poll(readings, { timeout: 60_000 }).toBeGreaterThan(0);

  // The browser dies without a word: nothing is put in order, and still nothing can be read.
  await profile.kill();
  await context.close().catch(() => {});
  expect(await filesWith(profile.directory, MARKER), 'files of the profile that hold the word').toEqual([]);

  context = await profile.open();
  page = await context.newPage();
  chat = await new ChatPage(page).open(baseURL);
  // What cannot be counted is not said to be none.
  await chat.seal.click();
  await expect(page.getByRole('dialog').getByText('Your chats are on this device')).toBeVisible();
  await expect(page.getByText('No conversation.')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByLabel('Passphrase').fill('not the passphrase');
  await page.keyboard.press('Enter');
  await expect(page.getByText('passphrase-wrong')).toBeVisible({ timeout: 20_000 });
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Your chats' }).getByRole('button').first().click({ timeout: 20_000 });
  await expect(page.getByRole('article', { name: 'You' }).first()).toContainText(MARKER);

  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  const kept = page.getByRole('dialog').getByRole('list', { name: 'Kept readings' });
  await expect(kept.getByRole('listitem')).toHaveCount(1);
  await expect(kept).toContainText(MARKER);
  await page.keyboard.press('Escape');

  await chat.seal.click();
  const again = page.getByRole('dialog');
  await expect(again.getByText(/^What models have read of 1 chat: [\d.]+ MB\.$/)).toBeVisible();
  await again.getByRole('button', { name: 'Delete everything…' }).click();
  await again.getByRole('button', { name: 'Delete everything', exact: true }).click();
  await expect(again.getByText('Everything is gone from this browser.')).toBeVisible({ timeout: 20_000 });
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
});
