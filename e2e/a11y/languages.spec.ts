import type { Page } from '@playwright/test';
import { expect, test } from '../kit/index.ts';

/** Opens the page in a language; its model is left alone: words and layout are what is looked at. */
async function openIn(page: Page, language: string): Promise<void> {
  await page.addInitScript((choice) => {
    localStorage.setItem('sotto-display', JSON.stringify({ language: choice }));
    Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
  }, language);
  await page.goto('/');
  await expect(page.getByRole('textbox')).toBeVisible();
}

const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('every word comes from the catalogue, and long words have room', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openIn(page, 'pseudo');
  const texts = async () =>
    page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (parent === null || parent.closest('script, noscript, kbd, option, code') !== null) continue;
        const text = node.textContent?.trim() ?? '';
        if (/\p{L}{2}/u.test(text)) found.push(text);
      }
      return found;
    });
  // Names of models, of formats and of hosts are the same in every language.
  const name = /SmolLM2|^Markdown$|^JSON$|Apache|Q4_1|^\.gguf$|^[\d.,]+ [kMG]?B$|^localhost:\d+$/;
  const check = async (where: string) => {
    expect(
      (await texts()).filter((text) => !text.includes('⟦') && !name.test(text)),
      where,
    ).toEqual([]);
    expect(await overhang(page), where).toBeLessThanOrEqual(0);
  };
  await check('page');
  await page.locator('.narrow-only button').first().click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toBeVisible();
  await check('chats');
  for (const index of [1, 2, 3]) {
    await drawer.locator('.sidebar-links button').nth(index).click();
    await expect(drawer.locator('.sidebar-links')).toHaveCount(0);
    await expect(drawer).toBeVisible();
    await check(`panel ${index}`);
    await page.keyboard.press('Escape');
    await page.locator('.narrow-only button').first().click();
  }
});

for (const [language, direction, word] of [
  ['ar', 'rtl', 'محادثة جديدة'],
  ['ja', 'ltr', '新しいチャット'],
  ['de', 'ltr', 'Neuer Chat'],
  ['fr', 'ltr', 'Nouvelle discussion'],
  ['es', 'ltr', 'Chat nuevo'],
] as const) {
  test(`the page speaks ${language} and fits`, async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await openIn(page, language);
    await expect(page.locator('html')).toHaveAttribute('dir', direction);
    await expect(page.getByRole('button', { name: word }).first()).toBeVisible();
    expect(await overhang(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });
}

test('from right to left, an empty field begins at the right, and words run as they are written', async ({ page }) => {
  await openIn(page, 'ar');
  const box = page.locator('#message');
  const direction = () => box.evaluate((element) => getComputedStyle(element).direction);
  expect(await direction()).toBe('rtl');
  await box.fill('hello');
  expect(await direction()).toBe('ltr');
});
