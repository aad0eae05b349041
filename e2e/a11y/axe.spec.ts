import { ChatPage, expect, test } from '../kit/index.ts';
import { expectAccessible } from './look.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 360, height: 740 },
    { width: 1440, height: 900 },
  ]) {
    test(`axe finds nothing serious in any state: ${colorScheme}, ${viewport.width} px`, async ({
      page,
      faultyServer,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      faultyServer.setFault({ kind: 'slow', bytesPerSecond: 20_000_000 });
      const chat = await new ChatPage(page).open(faultyServer.url);
      await expect(page.getByRole('progressbar').first()).toBeVisible();
      await expectAccessible(page, 'downloading');
      faultyServer.setFault({ kind: 'none' });
      await chat.untilReady();
      await expectAccessible(page, 'empty');
      await chat.ask('What does HTTP stand for?');
      await chat.finishedAnswer();
      // Long, so that it is still being written while the page is looked at.
      await chat.ask('Write a long story about a lighthouse keeper and the sea, with many chapters.');
      await expect(chat.stopButton).toBeVisible();
      await expectAccessible(page, 'streaming');
      await page.keyboard.press('Escape');
      await expect(chat.sendButton).toBeVisible();
      await chat.ask('word '.repeat(20_000));
      await expect(chat.lastAnswer).toContainText('prompt-too-long', { timeout: 30_000 });
      await expectAccessible(page, 'error');
      for (const opener of [chat.seal, chat.modelChip]) {
        await opener.click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await expectAccessible(page, 'panel');
        await page.keyboard.press('Escape');
      }
    });
  }
}
