import { chooseFiles, expect, test } from '../kit/index.ts';

/** As ChatGPT exports them. */
const exported = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      title: `Chat ${index}`,
      create_time: 1_700_000_000 + index,
      current_node: 'a',
      mapping: {
        a: { id: 'a', parent: null, message: { author: { role: 'user' }, content: { parts: [`Question ${index}`] } } },
      },
    })),
  );

test('many chats scroll by themselves and never lie over what stands below them', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto('/');
  const settings = page.getByRole('button', { name: 'Settings', exact: true }).first();
  await settings.click();
  await chooseFiles(page.getByRole('button', { name: 'Import chats…' }), {
    name: 'conversations.json',
    mimeType: 'application/json',
    buffer: Buffer.from(exported(40)),
  });
  await expect(page.getByText('40 chats imported.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.chat-item')).toHaveCount(40);
  const panel = page.getByRole('dialog');
  await expect(panel).toBeHidden();
  await settings.click();
  await expect(panel).toBeVisible();
  await page.keyboard.press('Escape');
  await page.locator('.chat-item').last().click();
  await expect(page.locator('.question')).toContainText('Question');
});
