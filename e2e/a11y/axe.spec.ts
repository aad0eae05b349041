import { ChatPage, expect, test } from '../kit/index.ts';
import { ALL_LOOKS, expectAccessibleIn } from './look.ts';

test('axe finds nothing serious in any state, light and dark, at 360 and 1440 px', async ({ page, faultyServer }) => {
  // Colours on their way from light to dark are nobody's choice.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  faultyServer.setFault({ kind: 'slow', bytesPerSecond: 2_000_000 });
  const chat = await new ChatPage(page).open(faultyServer.url);
  const progress = page.getByRole('progressbar').first();
  await expect(progress).toBeVisible();
  await expectAccessibleIn(ALL_LOOKS, page, 'downloading');
  await expect(progress, 'it was looked at while it was downloading').toBeVisible();
  faultyServer.setFault({ kind: 'none' });
  await chat.untilReady();
  await expectAccessibleIn(ALL_LOOKS, page, 'empty');
  await chat.ask('What does HTTP stand for?');
  await chat.finishedAnswer();
  // Long, so that it is still being written while the page is looked at.
  await chat.ask('Write a long story about a lighthouse keeper and the sea, with many chapters.');
  await expect(chat.stopButton).toBeVisible();
  await expectAccessibleIn(ALL_LOOKS, page, 'streaming');
  await page.keyboard.press('Escape');
  await expect(chat.sendButton).toBeVisible();
  await chat.ask('word '.repeat(20_000));
  await expect(chat.lastAnswer).toContainText('prompt-too-long', { timeout: 30_000 });
  await expectAccessibleIn(ALL_LOOKS, page, 'error');
  for (const opener of [chat.seal, chat.modelChip]) {
    await opener.click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessibleIn(ALL_LOOKS, page, 'panel');
    await page.keyboard.press('Escape');
  }
});
