import { ChatPage, expect, returning, test, watchErrors } from '../kit/index.ts';

test('after the first visit a cold start without any server reaches a working chat', async ({
  profile,
  faultyServer,
}) => {
  const first = await profile.open();
  const visit = await new ChatPage(await first.newPage()).open(faultyServer.url);
  await visit.untilReady();
  await visit.page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => visit.page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await first.close();
  await faultyServer.close();

  const second = await profile.open();
  const { errors } = watchErrors(second);
  const page = await second.newPage();
  const response = await page.goto(faultyServer.url);
  expect(response?.fromServiceWorker()).toBe(true);
  expect(response?.headers()).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const chat = await new ChatPage(page).untilReady();
  await chat.ask('What does HTTP stand for?');
  expect(await chat.finishedAnswer()).toMatch(/hypertext transfer protocol/i);
  expect(errors).toEqual([]);
});

returning('a network that goes away in mid-conversation changes nothing', async ({ page, context }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await context.setOffline(true);
  await expect(page.getByText('No network. Nothing here needs one.')).toBeVisible();
  await chat.ask('What is the capital of France?');
  expect(await chat.finishedAnswer()).toContain('Paris');
});
