import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../lib/paths.mjs';
import { openProductBrowser } from '../lib/product-browser.mjs';
import { serveProduct } from '../lib/server.mjs';
import { measureBandwidth } from './bandwidth.mjs';
import { BENCH_PAGES, openEngines, servePeer } from './engines.mjs';
import { measure } from './measure.mjs';
import { cacheBytes } from './memory.mjs';
import { openNative } from './native.mjs';
import { fullRatiosOf, ratiosOf } from './result.mjs';
import { FULL, QUICK } from './workload.mjs';

const MODEL = { id: 'smollm2-135m-instruct', file: 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf' };
const PACKAGES = new Map([
  ['sotto', 'package.json'],
  ['wllama', 'node_modules/@wllama/wllama/package.json'],
  ['transformers.js', 'node_modules/@xenova/transformers/package.json'],
  ['onnxruntime-web', 'node_modules/onnxruntime-web/package.json'],
]);
const MEASURE =
  'peak resident memory (VmHWM) of the page’s renderer process, less what the empty page held; Linux only';

const report = (/** @type {string} */ line) => console.error(line);

/**
 * One run: all engines, in turns, with each number of threads.
 * @param {{ executablePath: string, threadCounts: readonly number[], rounds: number, wantsPeers: boolean }} options
 */
export async function compare({ executablePath, threadCounts, rounds, wantsPeers }) {
  const workload = wantsPeers ? FULL : QUICK;
  const fileBytes = statSync(join(ROOT, MODEL.file)).size;
  const profile = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const [product, peer] = [await serveProduct({ host: '127.0.0.1', pages: BENCH_PAGES }), await servePeer()];
  const browser = await openProductBrowser({ executablePath, profile, port: product.port });
  const native = wantsPeers ? await openNative(MODEL.file) : null;
  if (wantsPeers && native === null) report('no Python with llama_cpp was found: native llama.cpp is left out');
  try {
    const rows = [];
    /** @type {Record<string, string>} */
    let engines = {};
    /** @type {Record<string, number>} */
    const bandwidth = {};
    /** @type {number | null} */
    let sottoEngineBytes = null;
    /** @type {number | null} */
    let targetBytes = null;
    for (const threads of threadCounts) {
      // Fresh pages, and with them fresh processes: peak memory is that of this number of threads alone.
      const pages = await openEngines(browser, {
        modelId: MODEL.id,
        modelFile: MODEL.file,
        peerUrl: peer.url,
        wantsOnnx: wantsPeers,
        report,
      });
      if (wantsPeers) bandwidth[threads] = await bandwidthOf(browser, peer.url, threads);
      const result = await measure(native === null ? pages : [...pages, native], { threads, rounds, workload, report });
      rows.push(...result.rows);
      engines = result.descriptions;
      sottoEngineBytes = result.sottoEngineBytes;
      const cache = cacheBytes(result.metadata, workload.contextLength);
      targetBytes = cache === null ? null : Math.round(1.5 * fileBytes + cache);
      for (const { unload, page } of pages) {
        await unload();
        await page?.close();
      }
    }
    const shared = {
      date: new Date().toISOString(),
      browser: browser.browser()?.version() ?? 'unknown',
      processor: cpus()[0]?.model ?? 'unknown',
      logicalProcessors: availableParallelism(),
      platform: `${process.platform} ${process.arch}`,
      contextLength: workload.contextLength,
      rounds,
      memory: { measure: MEASURE, sottoEngineBytes, sottoTargetBytes: targetBytes },
    };
    if (!wantsPeers) {
      const engineOf = (/** @type {string} */ name) => ({ version: versionOf(name), engine: engines[name] });
      const environment = {
        ...shared,
        sotto: engineOf('sotto'),
        wllama: engineOf('wllama'),
        model: { ...MODEL, fileBytes },
      };
      return { environment, rows, ratios: ratiosOf(rows) };
    }
    const weightBytes = await weightBytesOf(join(ROOT, MODEL.file), fileBytes);
    const versions = Object.fromEntries([...PACKAGES.keys()].map((name) => [name, versionOf(name)]));
    const environment = { ...shared, engines, versions, model: { ...MODEL, fileBytes, weightBytes }, bandwidth };
    return { environment, rows, ratios: fullRatiosOf(rows, { weightBytes, bandwidths: bandwidth }) };
  } finally {
    native?.close();
    await browser.close().catch(() => {});
    await Promise.all([product.close(), peer.close()]);
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @param {import('playwright').BrowserContext} browser @param {string} peerUrl @param {number} threads */
async function bandwidthOf(browser, peerUrl, threads) {
  report(`${threads} thread(s), memory bandwidth`);
  const page = await browser.newPage();
  try {
    await page.goto(`${peerUrl}bench.html`);
    return await measureBandwidth(page, threads);
  } finally {
    await page.close();
  }
}

/** The file without its header: tied embeddings, so a token reads all of it. @param {string} path @param {number} fileBytes */
async function weightBytesOf(path, fileBytes) {
  const { gguf } = await import('@huggingface/gguf');
  const { tensorDataOffset } = await gguf(path, { allowLocalFile: true });
  return fileBytes - Number(tensorDataOffset);
}

/** @param {string} name */
function versionOf(name) {
  return JSON.parse(readFileSync(join(ROOT, PACKAGES.get(name) ?? ''), 'utf8')).version;
}
