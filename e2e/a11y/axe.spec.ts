import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ChatPage, expect, test } from '../kit/index.ts';

async function seriousIssues(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

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
      expect(await seriousIssues(page), 'downloading').toEqual([]);
      faultyServer.setFault({ kind: 'none' });
      await chat.untilReady();
      expect(await seriousIssues(page), 'empty').toEqual([]);
      await chat.ask('What does HTTP stand for?');
      await chat.finishedAnswer();
      // Long, so that it is still being written while the page is looked at.
      await chat.ask('Write a long story about a lighthouse keeper and the sea, with many chapters.');
      await expect(chat.stopButton).toBeVisible();
      expect(await seriousIssues(page), 'streaming').toEqual([]);
      await page.keyboard.press('Escape');
      await expect(chat.sendButton).toBeVisible();
      await chat.ask('word '.repeat(20_000));
      await expect(chat.lastAnswer).toContainText('prompt-too-long', { timeout: 30_000 });
      expect(await seriousIssues(page), 'error').toEqual([]);
      for (const opener of [chat.seal, chat.modelChip]) {
        await opener.click();
        await expect(page.getByRole('dialog')).toBeVisible();
        expect(await seriousIssues(page), 'panel').toEqual([]);
        await page.keyboard.press('Escape');
      }
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overhang, 'nothing is wider than the window').toBeLessThanOrEqual(0);
    });
  }
}
