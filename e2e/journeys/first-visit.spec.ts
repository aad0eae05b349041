import { ChatPage, expect, returning, startFaultyServer, test } from '../kit/index.ts';

/** Held back to this rate, the download is there to be seen for half a minute, however slow the machine that looks. */
const VISIBLE_BYTES_PER_SECOND = 3_000_000;

test('the first visit fetches the model, answers, and keeps it for the second', async ({ page, faultyServer }) => {
  faultyServer.setFault({ kind: 'slow', bytesPerSecond: VISIBLE_BYTES_PER_SECOND });
  const chat = await new ChatPage(page).open(faultyServer.url);
  await expect(page.getByText('98 MB, once. Then it works without a network.')).toBeVisible();
  const progress = page.getByRole('progressbar', { name: 'Download of the model' });
  await expect(progress).toBeVisible();
  await expect(page.getByText(/\d+(\.\d+)? of 98(\.\d+)? MB/).first()).toBeVisible();

  await chat.messageBox.fill('Does this go out?');
  await chat.messageBox.press('Enter');
  await expect(page.getByText('Goes out as soon as the model is ready.')).toBeVisible();
  await chat.messageBox.press('Escape');
  await expect(page.getByText('Goes out as soon as the model is ready.'), 'taken back').toHaveCount(0);
  await chat.messageBox.fill('What does HTTP stand for?');
  await chat.messageBox.press('Enter');
  await expect(page.getByText('Goes out as soon as the model is ready.')).toBeVisible();
  faultyServer.setFault({ kind: 'none' });

  await chat.untilReady();
  await expect(chat.modelChip).toContainText('98 MB');
  expect(await chat.finishedAnswer()).toMatch(/hypertext transfer protocol/i);
  await expect(chat.modelChip).toContainText(/\d+ tokens\/s/);

  const fetchedBytes = faultyServer.weightBytes();
  await page.reload();
  await chat.untilReady();
  await chat.ask('What does HTTP stand for?');
  expect(await chat.finishedAnswer()).toMatch(/hypertext transfer protocol/i);
  expect(faultyServer.weightBytes(), 'nothing is fetched a second time').toBe(fetchedBytes);
});

returning('a conversation goes on, can be stopped, asked again and begun anew', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('Write a long story about a lighthouse keeper and the sea, with many chapters.');
  await expect(chat.lastAnswer).toContainText(/\w+ \w+ \w+/);
  await page.keyboard.press('Escape');
  await expect(chat.lastAnswer).toContainText('Stopped.');
  // The words alone: buttons below the answer change when it is no longer the last.
  const stopped = (await chat.lastAnswer.getByRole('paragraph').first().textContent()) ?? '';

  await chat.ask('What is the capital of France?');
  expect(await chat.finishedAnswer()).toContain('Paris');
  await expect(chat.answers).toHaveCount(2);
  expect(await chat.answers.first().textContent(), 'what was stopped stays as it was').toContain(stopped);

  await page.getByRole('button', { name: 'Another answer' }).last().click();
  await expect(chat.sendButton).toBeVisible();
  await expect(chat.answers).toHaveCount(2);
  await chat.finishedAnswer();

  await page.getByRole('button', { name: 'New chat' }).first().click();
  await expect(chat.answers).toHaveCount(0);
});

returning('keyboard alone is enough', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(chat.messageBox).toBeFocused();
  await page.keyboard.type('What is the capital of');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('France?');
  await page.keyboard.press('Enter');
  expect(await chat.finishedAnswer()).toContain('Paris');
  await expect(chat.messageBox).toBeFocused();
});

test('without isolation the model still answers, on one thread, and the page says so', async ({ page }) => {
  const server = await startFaultyServer({ kind: 'none' }, { isolated: false });
  const chat = await new ChatPage(page).open(server.url);
  await chat.untilReady();
  await expect(chat.modelChip).toContainText('CPU, 1 thread');
  await expect(page.getByText(/One thread only/)).toBeVisible();
  await chat.ask('What is the capital of France?');
  expect(await chat.finishedAnswer()).toContain('Paris');
  await server.close();
});

test('the model can be deleted and fetched again', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.modelChip.click();
  await page.getByRole('button', { name: 'Delete from this browser' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Deleted from this browser.').first()).toBeVisible();
  const usage = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await expect.poll(usage, { message: 'the space is given back' }).toBeLessThan(20_000_000);
  await page.getByRole('dialog').getByRole('button', { name: 'Fetch it again' }).click();
  await chat.untilReady();
});
