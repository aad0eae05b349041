import { takeProfile } from '../ask/profile.mjs';
import { ensureBuilt } from '../lib/build.mjs';
import { ensureChromium } from '../lib/chromium.mjs';
import { ensureDependencies } from '../lib/install.mjs';
import { openProductBrowser, PRODUCT_ORIGIN } from '../lib/product-browser.mjs';
import { serveProduct } from '../lib/server.mjs';

/** A page of the product's origin that holds nothing of the app: the library is alone there. */
const BLANK = { '/flow.html': '<!doctype html><html lang="en"><title>flow</title>' };

/**
 * The product's library in a headless browser.
 * @typedef {object} LibrarySession
 * @property {import('playwright').Page} page `globalThis.sotto` is there.
 * @property {() => Promise<void>} close
 */

/**
 * Builds what is missing, serves it and opens the library in a headless Chromium, whose profile keeps models between runs.
 * @returns {Promise<LibrarySession>}
 */
export async function openLibrary() {
  await ensureDependencies();
  const executablePath = await ensureChromium();
  await ensureBuilt();
  const server = await serveProduct({ host: '127.0.0.1', pages: BLANK });
  const profile = takeProfile();
  const browser = await openProductBrowser({ executablePath, profile: profile.directory, port: server.port });
  const page = await browser.newPage();
  await page.goto(`${PRODUCT_ORIGIN}flow.html`);
  await page.evaluate(async () => {
    // Through a variable: the address belongs to the page, not to this file.
    const address = new URL('sotto.js', document.baseURI).href;
    const library = await import(address);
    Object.assign(globalThis, { sotto: await library.Sotto.create({ servesLocalApi: false }) });
  });
  return {
    page,
    close: async () => {
      await browser.close().catch(() => {});
      await server.close();
      profile.release();
    },
  };
}

/**
 * Runs one flow in the page; failures come back as values, because an error that crosses to Node loses its code.
 * @param {import('playwright').Page} page
 * @param {{ flow: unknown, input: unknown, seed?: number }} request
 * @returns {Promise<{ result?: any, error?: { code: string, message: string, userAction: string, details?: object } }>}
 */
export function runInPage(page, request) {
  return page.evaluate(async ({ flow, input, seed }) => {
    try {
      const { sotto } = /** @type {any} */ (globalThis);
      return { result: await sotto.flows.run(flow, input, seed === undefined ? {} : { seed }) };
    } catch (/** @type {any} */ error) {
      return {
        error: {
          code: typeof error?.code === 'string' ? error.code : 'internal',
          message: String(error?.message ?? error),
          userAction: error?.userAction ?? 'This is a fault in Sotto. Please report it with the message.',
          ...(error?.details === undefined ? {} : { details: error.details }),
        },
      };
    }
  }, request);
}
