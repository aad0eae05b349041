import type { Page } from '@playwright/test';
import type { Sotto } from '../../src/client/index.ts';

declare global {
  /** The library, in the page that `openLibrary` opened. */
  var sotto: Sotto;
}

/** The product's own page with its library beside the app, as any page of the origin can have it. */
export async function openLibrary(page: Page, base = ''): Promise<Page> {
  // The app beside it loads nothing.
  await page.goto(`${base}?model=none`);
  await page.evaluate(async () => {
    const address = new URL('sotto.js', document.baseURI).href;
    const library = (await import(address)) as typeof import('../../src/client/index.ts');
    globalThis.sotto = await library.Sotto.create();
  });
  return page;
}
