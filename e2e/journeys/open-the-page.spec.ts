import { expect, test } from '../kit/index.ts';

test('the page opens, isolated for threads, with a place to write', async ({ page }) => {
  const response = await page.goto('/');
  expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
  await expect(page).toHaveTitle(/Sotto/);
  await expect(page.getByRole('textbox')).toBeVisible();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});
