import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { PRODUCT_ORIGIN } from '../lib/product-browser.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { createAttempts } from './attempts.mjs';
import { processMemory, rendererOf, resetPeak } from './memory.mjs';
import { completeWithOnnx, loadOnnx, prepareOnnx, unloadOnnx } from './onnx-in-page.mjs';
import { writeOnnxModel } from './onnx-model.mjs';
import {
  completeWithSotto,
  forgetTextsOfSotto,
  keepTextWithSotto,
  loadSotto,
  prepareSotto,
  unloadSotto,
} from './sotto-in-page.mjs';
import { completeWithWllama, loadWllama, prepareWllama, unloadWllama } from './wllama-in-page.mjs';

/** @typedef {import('./engine.mjs').Engine} Engine */

/** What threads need. The rest of the product's headers would stop the peer, which starts its thread from a blob. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const BLANK = '<!doctype html><html lang="en"><title>bench</title>';
const IMPORTS = {
  transformers: '/transformers/transformers.web.js',
  'onnxruntime-web/webgpu': '/ort/ort.webgpu.min.mjs',
  'onnxruntime-common': '/ort-common/index.js',
};

/** Pages that the servers of the benchmark offer besides their files. */
export const BENCH_PAGES = {
  '/bench.html': BLANK,
  '/onnx.html': `${BLANK}<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`,
};

/** Random ONNX models are made once: they hold nothing but numbers from a fixed seed. */
const ONNX_MODELS = join(ROOT, 'node_modules/.cache/sotto-bench/onnx');

const FOLDERS = [
  ['/models/', ''],
  ['/transformers/', 'node_modules/@xenova/transformers/dist/'],
  ['/ort/', 'node_modules/onnxruntime-web/dist/'],
  ['/ort-common/', 'node_modules/onnxruntime-common/dist/esm/'],
  ['/onnx/', 'node_modules/.cache/sotto-bench/onnx/'],
  ['/', 'node_modules/@wllama/wllama/esm/'],
];

/**
 * Serves the peers' libraries from node_modules, and the very weights the product serves.
 * @returns {Promise<import('../lib/server.mjs').RunningServer>}
 */
export function servePeer() {
  const folders = FOLDERS.map(([prefix = '', folder = '']) => ({
    prefix,
    isPrefixKept: folder === '',
    handle: createStaticHandler({ headers: ISOLATION, pages: BENCH_PAGES, directory: join(ROOT, folder) }),
  }));
  return listen(
    (request, response) => {
      const { url = '/' } = request;
      const folder = folders.find(({ prefix }) => url.startsWith(prefix));
      if (folder === undefined) return void response.writeHead(400).end();
      // A hidden folder on the way is the server's own, not the address's: only the rest is checked.
      if (!folder.isPrefixKept && folder.prefix !== '/') request.url = `/${url.slice(folder.prefix.length)}`;
      void folder.handle(request, response);
    },
    { host: '127.0.0.1' },
  );
}

/**
 * Opens pages with engines, each of a site of its own and so in a process of its own, with the weights stored.
 * @param {import('playwright').BrowserContext} browser
 * One that cannot be opened is reported and left out.
 * @param {{ modelId: string, modelFile: string, peerUrl: string, wantsWllama: boolean, wantsOnnx: boolean, threads: number, report: (line: string) => void,
 *   failures: import('./attempts.mjs').BenchFailure[], signal: AbortSignal }} options
 * @returns {Promise<Engine[]>}
 */
export async function openEngines(browser, options) {
  const { modelId, modelFile, peerUrl, wantsWllama, wantsOnnx, threads, report, failures, signal } = options;
  const cdp = await browser.browser()?.newBrowserCDPSession();
  const openPage = async (/** @type {string} */ url) => {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  };
  const open = async (/** @type {string} */ url) => {
    const page = await openPage(url);
    const processId = cdp === undefined ? null : await rendererOf(page, cdp);
    resetPeak(processId);
    return { page, processId, emptyPageBytes: processMemory(processId)?.nowBytes ?? null };
  };
  /** @type {Engine[]} */
  const engines = [];

  /**
   * @template Handle @template Options
   * @param {Engine['name']} name
   * @param {string} where
   * @param {string} url
   * @param {(options: Options & { wantsStore: boolean }) => Promise<Handle>} prepare
   * @param {Options} options
   * @param {{ load: (handle: Handle, options: { threads: number, contextLength: number }) => Promise<import('./engine.mjs').Loaded>,
   *   complete: (handle: Handle, request: import('./engine.mjs').CompletionRequest) => Promise<import('./engine.mjs').Completion>,
   *   unload: (handle: Handle) => Promise<void>, keepText?: (handle: Handle, prompt: string) => Promise<void>,
   *   forgetTexts?: (handle: Handle) => Promise<void>, keepsNothing?: boolean }} functions
   */
  const add = async (name, where, url, prepare, options, functions) => {
    const { load, complete, unload, keepText, forgetTexts, keepsNothing } = functions;
    const prepareIn = (/** @type {import('playwright').Page} */ page, /** @type {boolean} */ wantsStore) =>
      page.evaluateHandle(/** @type {any} */ (prepare), { ...options, wantsStore });
    // Stored from a page of its own: what a download leaves in memory belongs to neither load nor peak.
    report(`storing the weights for ${name} (${where})`);
    const store = await openPage(url);
    await prepareIn(store, true);
    await store.close();
    const opened = await open(url);
    const handle = await prepareIn(opened.page, false);
    const run = (/** @type {any} */ work, /** @type {any} */ argument) => handle.evaluate(work, argument);
    engines.push({
      name,
      ...opened,
      load: (loadOptions) => run(load, loadOptions),
      complete: (request) => run(complete, request),
      unload: () => run(unload, undefined),
      stop: () => void opened.page.close().catch(() => {}),
      ...(keepsNothing && { keepsNothing }),
      coldPage: async (loadOptions, prompt) => {
        const page = await openPage(url);
        try {
          const cold = await prepareIn(page, false);
          await cold.evaluate(/** @type {any} */ (load), loadOptions);
          const completion = await cold.evaluate(/** @type {any} */ (complete), { prompt, maxTokens: 1 });
          const firstTokenMs = await page.evaluate(() => performance.now());
          return { firstTokenMs, cachedTokens: /** @type {any} */ (completion).cachedTokens };
        } finally {
          await page.close();
        }
      },
      ...(keepText && { keepText: (prompt) => run(keepText, prompt) }),
      ...(forgetTexts && { forgetTexts: () => run(forgetTexts, undefined) }),
    });
  };
  const { attempt } = createAttempts({ threads, report, failures, signal });

  const sotto = {
    load: loadSotto,
    complete: completeWithSotto,
    unload: unloadSotto,
    keepText: keepTextWithSotto,
    forgetTexts: forgetTextsOfSotto,
  };
  // Without ours there is nothing to compare: this may throw.
  await add('sotto', 'IndexedDB', `${PRODUCT_ORIGIN}bench.html`, prepareSotto, { modelId }, sotto);
  const wllama = { load: loadWllama, complete: completeWithWllama, unload: unloadWllama };
  const modelAddress = `/${modelFile}`;
  if (wantsWllama) {
    await attempt('wllama', 'opening', () =>
      add('wllama', 'OPFS', `${peerUrl}bench.html`, prepareWllama, { modelAddress }, wllama),
    );
  }
  for (const [engine, precision] of wantsOnnx
    ? /** @type {const} */ ([
        ['onnxInt8', 'int8'],
        ['onnxFp32', 'fp32'],
      ])
    : []) {
    const onnx = { load: loadOnnx, complete: completeWithOnnx, unload: unloadOnnx, keepsNothing: true };
    await attempt(engine, 'opening', async () => {
      mkdirSync(ONNX_MODELS, { recursive: true });
      const name = await writeOnnxModel(ONNX_MODELS, precision);
      // A host name of its own for each: pages of one site would share a process, and its memory.
      const url = new URL('onnx.html', peerUrl);
      url.hostname = `${engine.toLowerCase()}.localhost`;
      await add(engine, 'Cache API', url.href, prepareOnnx, { name, precision }, onnx);
    });
  }
  return engines;
}
