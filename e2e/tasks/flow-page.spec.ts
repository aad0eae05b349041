import { expect, test } from '../kit/index.ts';

test('a flow runs on the page, its steps light up, and each can be opened', async ({ page }) => {
  await page.goto('./flows.html');
  await page.getByLabel('Flow', { exact: true }).selectOption('redact');
  await page.getByLabel('Your text').fill('My name is Tom Becker, mail me at tom@becker.example.');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toContainText('Done');
  await expect(page.locator('pre').first()).toContainText('[PERSON_1]');
  const node = page.getByRole('button', { name: 'clean' });
  await expect(node).toHaveClass(/done/);
  await node.click();
  await expect(page.getByText('task.redact, done')).toBeVisible();

  await page.getByLabel('Your text').fill('   ');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toContainText('empty');
});
