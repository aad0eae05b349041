import type { Page } from '@playwright/test';
import { ChatPage, expect, returning as test } from '../kit/index.ts';

interface Stop {
  readonly name: string;
  /** The part of the page it stands in: within one, the eye goes from line to line. */
  readonly part: string;
  readonly isInDialog: boolean;
  readonly top: number;
  readonly bottom: number;
  /** From where a line begins: the left in English, the right in Arabic. */
  readonly start: number;
  readonly outline: string;
}

const PARTS = 'dialog, header.page-header, aside, main, form.composer';

/** What the Tab key comes to, from the start of the page or the dialog until it leaves the page or comes round. */
async function tabStops(page: Page): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  const seen = new Set<string>();
  for (let press = 0; press < 120; press++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate((parts) => {
      const element = document.activeElement;
      if (element === null || element === document.body || element.matches('dialog')) return null;
      element.setAttribute('data-stop', element.getAttribute('data-stop') ?? crypto.randomUUID());
      const { top, bottom, left, right } = element.getBoundingClientRect();
      // Tab scrolls: places are those on the whole page, not those in the window.
      let scrolled = 0;
      for (let above = element.parentElement; above !== null; above = above.parentElement) scrolled += above.scrollTop;
      // A field in a box of its own: the ring goes around the box.
      const ringed = element.matches('textarea') ? (element.closest('.composer-box') ?? element) : element;
      const { outlineStyle, boxShadow } = getComputedStyle(ringed);
      return {
        id: element.getAttribute('data-stop') ?? '',
        name: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40) || element.tagName,
        part: element.closest(parts)?.className || element.closest(parts)?.tagName || 'page',
        isInDialog: element.closest('dialog') !== null,
        top: top + scrolled,
        bottom: bottom + scrolled,
        start: document.documentElement.dir === 'rtl' ? innerWidth - right : left,
        outline: outlineStyle === 'none' ? boxShadow : outlineStyle,
      };
    }, PARTS);
    if (stop === null) {
      if (stops.length > 0) break;
      continue;
    }
    if (seen.has(stop.id)) break;
    seen.add(stop.id);
    stops.push(stop);
  }
  return stops;
}

/** Steps against the order of reading: back up the page, or back along a line. */
function stepsBack(stops: readonly Stop[]): readonly string[] {
  return stops.flatMap((stop, index) => {
    const before = stops[index - 1];
    if (before === undefined || before.part !== stop.part) return [];
    const isSameLine = stop.top < before.bottom - 4 && before.top < stop.bottom - 4;
    const goesOn = isSameLine ? stop.start > before.start - 4 : stop.top > before.top;
    return goesOn ? [] : [`“${before.name}” → “${stop.name}”`];
  });
}

for (const { width, language } of [
  { width: 1440, language: 'en' },
  { width: 360, language: 'en' },
  { width: 1440, language: 'ar' },
]) {
  test(`Tab goes as the eye does, and every stop is seen: ${width} px, ${language}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 1000 });
    await page.addInitScript((choice) => localStorage.setItem('sotto-display', choice), JSON.stringify({ language }));
    await new ChatPage(page).open();
    await expect(page.locator('.chip')).toContainText('CPU', { timeout: 60_000 });
    await page.locator('#message').fill('Hi');
    await page.keyboard.press('Enter');
    await expect(page.locator('.answer-foot').last()).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('.saving[data-saved=true]')).toBeAttached();

    await page.reload();
    await expect(page.locator('.chip')).toContainText('CPU', { timeout: 60_000 });
    if (width < 1000) await page.locator('.narrow-only button').first().click();
    await page.locator('.chat-item:visible').first().click();
    await expect(page.locator('.answer-foot').last()).toBeVisible();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const stops = await tabStops(page);
    expect(stepsBack(stops), stops.map(({ name }) => name).join(' · ')).toEqual([]);
    expect(stops.length).toBeGreaterThan(10);
    expect(stops.filter(({ outline }) => outline === 'none').map(({ name }) => name)).toEqual([]);

    for (const part of ['.seal', '.chip', '.conversation-header button']) {
      const opener = page.locator(part);
      await opener.focus();
      await page.keyboard.press('Enter');
      await expect(page.locator('dialog[open]')).toBeVisible();
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
      const inside = await tabStops(page);
      expect(stepsBack(inside), inside.map(({ name }) => name).join(' · ')).toEqual([]);
      expect(
        inside.every(({ isInDialog }) => isInDialog),
        'the dialog keeps the focus',
      ).toBe(true);
      await page.keyboard.press('Escape');
      await expect(page.locator('dialog[open]')).toHaveCount(0);
      await expect(opener, 'the focus goes back to where it came from').toBeFocused();
    }
  });
}
