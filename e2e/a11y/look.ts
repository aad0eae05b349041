import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Pixels of a target's side, at the least (WCAG 2.2, 2.5.8). */
const LEAST_TARGET = 24;

async function seriousIssues(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Controls that are smaller than a fingertip needs. Links in running text may be; a box has its label beside it. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const small: string[] = [];
    const scope = document.querySelector('dialog[open]') ?? document;
    for (const element of scope.querySelectorAll('button, a[href], select, input, summary, textarea')) {
      const target = element.matches('input') ? (element.closest('label') ?? element) : element;
      const { width, height } = target.getBoundingClientRect();
      const isShown = element.checkVisibility({ visibilityProperty: true }) && width > 1 && height > 1;
      const isInline = getComputedStyle(target).display === 'inline';
      if (isShown && !isInline && (width < least || height < least)) {
        small.push(`${Math.round(width)} × ${Math.round(height)}: ${target.outerHTML.slice(0, 120)}`);
      }
    }
    return small;
  }, LEAST_TARGET);
}

/** Nothing serious for axe, nothing too small to touch, nothing wider than the window. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  expect(await seriousIssues(page), `axe: ${state}`).toEqual([]);
  expect(await smallTargets(page), `targets: ${state}`).toEqual([]);
  await expectToFit(page, state);
}

/** A way to look at the page. */
interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

const telephone = { width: 360, height: 740 };
const desk = { width: 1440, height: 900 };

/** A telephone in the dark, a desk in the light. */
export const EXTREMES: readonly Look[] = [
  { colorScheme: 'dark', ...telephone },
  { colorScheme: 'light', ...desk },
];

export const ALL_LOOKS: readonly Look[] = [
  { colorScheme: 'light', ...telephone },
  { colorScheme: 'dark', ...desk },
  ...EXTREMES,
];

/** One state of the page, looked at in several ways; the last of them stays. */
export async function expectAccessibleIn(looks: readonly Look[], page: Page, state: string): Promise<void> {
  for (const { colorScheme, width, height } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await expectAccessible(page, `${state}, ${colorScheme}, ${width} px`);
  }
}

export async function expectToFit(page: Page, state: string): Promise<void> {
  const overhang = await page.evaluate(() => {
    const panel = document.querySelector('dialog[open] .panel');
    const wide = [document.documentElement, ...(panel === null ? [] : [panel])];
    // What hides its overflow is no wider for that: its parts are looked at themselves.
    const parts = document.querySelectorAll('main, .conversation-header > *, .turn, .composer, .page-header > *');
    const beyond = [...parts].map((part) => {
      const { left, right, width } = part.getBoundingClientRect();
      return width === 0 ? 0 : Math.max(-left, right - innerWidth) - 1;
    });
    return Math.max(...wide.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), ...beyond);
  });
  expect(overhang, `wider than the window: ${state}`).toBeLessThanOrEqual(0);
}
