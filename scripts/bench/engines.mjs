import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { PRODUCT_ORIGIN } from '../lib/product-browser.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { processMemory, rendererOf, resetPeak } from './memory.mjs';
import { completeWithSotto, loadSotto, prepareSotto, unloadSotto } from './sotto-in-page.mjs';
import { completeWithWllama, loadWllama, prepareWllama, unloadWllama } from './wllama-in-page.mjs';

/** @typedef {import('./engine.mjs').Engine} Engine */

/** What threads need. The rest of the product's headers would stop the peer, which starts its thread from a blob. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const BLANK = '<!doctype html><html lang="en"><title>bench</title>';

/** Pages that the servers of the benchmark offer besides their files. */
export const BENCH_PAGES = { '/bench.html': BLANK };

/**
 * Serves the peer's library from node_modules, and the very weights the product serves.
 * @returns {Promise<import('../lib/server.mjs').RunningServer>}
 */
export function servePeer() {
  const site = { headers: ISOLATION, pages: BENCH_PAGES };
  const library = createStaticHandler({ ...site, directory: join(ROOT, 'node_modules/@wllama/wllama/esm') });
  const models = createStaticHandler({ ...site, directory: ROOT });
  return listen(
    (request, response) => void (request.url?.startsWith('/models/') ? models : library)(request, response),
    {
      host: '127.0.0.1',
    },
  );
}

/**
 * Opens both engines, each in a page of its own site and so in a process of its own, with the weights stored.
 * @param {import('playwright').BrowserContext} browser
 * @param {{ modelId: string, modelFile: string, peerUrl: string, report: (line: string) => void }} options
 * @returns {Promise<{ sotto: Engine, wllama: Engine }>}
 */
export async function openEngines(browser, { modelId, modelFile, peerUrl, report }) {
  const cdp = await browser.browser()?.newBrowserCDPSession();
  const open = async (/** @type {string} */ url) => {
    const page = await browser.newPage();
    await page.goto(url);
    const processId = cdp === undefined ? null : await rendererOf(page, cdp);
    resetPeak(processId);
    return { page, processId, emptyPageBytes: processMemory(processId)?.nowBytes ?? null };
  };

  // Stored from pages of their own: what a download leaves in memory belongs to neither load nor peak.
  const sottoUrl = `${PRODUCT_ORIGIN}bench.html`;
  const wllamaUrl = `${peerUrl}bench.html`;
  const modelAddress = `/${modelFile}`;
  report('storing the weights for Sotto (IndexedDB)');
  const sottoStore = await open(sottoUrl);
  await sottoStore.page.evaluateHandle(prepareSotto, { modelId, wantsStore: true });
  await sottoStore.page.close();
  report('storing the weights for wllama (OPFS)');
  const wllamaStore = await open(wllamaUrl);
  await wllamaStore.page.evaluateHandle(prepareWllama, { modelAddress, wantsStore: true });
  await wllamaStore.page.close();

  const sottoPage = await open(sottoUrl);
  const sotto = await sottoPage.page.evaluateHandle(prepareSotto, { modelId, wantsStore: false });
  const wllamaPage = await open(wllamaUrl);
  const wllama = await wllamaPage.page.evaluateHandle(prepareWllama, { modelAddress, wantsStore: false });
  return {
    sotto: {
      name: 'sotto',
      ...sottoPage,
      load: (options) => sotto.evaluate(loadSotto, options),
      complete: (request) => sotto.evaluate(completeWithSotto, request),
      unload: () => sotto.evaluate(unloadSotto),
    },
    wllama: {
      name: 'wllama',
      ...wllamaPage,
      load: (options) => wllama.evaluate(loadWllama, options),
      complete: (request) => wllama.evaluate(completeWithWllama, request),
      unload: () => wllama.evaluate(unloadWllama),
    },
  };
}
