import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { Failure } from '../lib/failure.mjs';
import { ROOT } from '../lib/paths.mjs';
import { openProductBrowser } from '../lib/product-browser.mjs';
import { serveProduct } from '../lib/server.mjs';
import { measureBandwidth } from './bandwidth.mjs';
import { BENCH_PAGES, openEngines, servePeer } from './engines.mjs';
import { measure } from './measure.mjs';
import { cacheBytes } from './memory.mjs';
import { openNative } from './native.mjs';
import { fullRatiosOf, ratiosOf } from './result.mjs';
import { FULL, isCompared, only, QUICK } from './workload.mjs';

const MODEL = { id: 'smollm2-135m-instruct', file: 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf' };
const PACKAGES = new Map([
  ['sotto', 'package.json'],
  ['wllama', 'node_modules/@wllama/wllama/package.json'],
  ['transformers.js', 'node_modules/@xenova/transformers/package.json'],
  ['onnxruntime-web', 'node_modules/onnxruntime-web/package.json'],
]);
const MEASURE =
  'peak resident memory (VmHWM) of the page’s renderer process, less what the empty page held; Linux only';

/** What a run has so far, for one that does not come to its end. */
const PARTIAL = join(ROOT, 'node_modules/.cache/sotto-bench/partial.json');

const report = (/** @type {string} */ line) => console.error(line);

/**
 * One run: all engines, in turns, with each number of threads. What fails is reported and left out.
 * @param {{ executablePath: string, threadCounts: readonly number[], rounds: number, wantsPeers: boolean,
 *   ids?: readonly string[] | undefined, minutes?: number | undefined, signal?: AbortSignal }} options `ids`: rows that alone
 *   are wanted. `minutes`: of the whole run; each number of threads gets its share of what is left. `signal`: ends it at once,
 *   with what there is.
 */
export async function compare(options) {
  const {
    executablePath,
    threadCounts,
    rounds,
    wantsPeers,
    ids,
    minutes,
    signal = new AbortController().signal,
  } = options;
  const endsAt = minutes === undefined ? undefined : Date.now() + minutes * 60_000;
  const whole = wantsPeers || ids !== undefined ? FULL : QUICK;
  const workload = ids === undefined ? whole : only(whole, ids);
  const fileBytes = statSync(join(ROOT, MODEL.file)).size;
  const profile = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const [product, peer] = [await serveProduct({ host: '127.0.0.1', pages: BENCH_PAGES }), await servePeer()];
  const open = () => openProductBrowser({ executablePath, profile, port: product.port });
  let browser = await open();
  let isOpen = true;
  browser.on('close', () => {
    isOpen = false;
  });
  const isComparing = isCompared(workload);
  const native = wantsPeers && isComparing ? await openNative(MODEL.file) : null;
  if (wantsPeers && isComparing && native === null)
    report('no Python with llama_cpp was found: native llama.cpp is left out');
  try {
    /** @type {import('./measure.mjs').Row[]} */
    const rows = [];
    /** @type {import('./attempts.mjs').BenchFailure[]} */
    const failures = [];
    mkdirSync(dirname(PARTIAL), { recursive: true });
    const onRow = (/** @type {import('./measure.mjs').Row} */ row) => {
      rows.push(row);
      writeFileSync(PARTIAL, JSON.stringify({ rows, failures }));
    };
    report(`what is measured so far stands in ${relative(ROOT, PARTIAL)}`);
    /** @type {Record<string, string>} */
    let engines = {};
    /** @type {Record<string, number>} */
    const bandwidth = {};
    /** @type {number | null} */
    let sottoEngineBytes = null;
    /** @type {number | null} */
    let targetBytes = null;
    for (const [index, threads] of threadCounts.entries()) {
      const share = endsAt === undefined ? undefined : (endsAt - Date.now()) / (threadCounts.length - index);
      // A signal of a timeout can be collected as garbage before its time, and never fires then.
      const ending = new AbortController();
      const end = () => ending.abort();
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
      const timer = share === undefined ? undefined : setTimeout(end, Math.max(0, share));
      try {
        if (!isOpen) browser = await open();
        isOpen = true;
        // Fresh pages, and with them fresh processes: peak memory is that of this number of threads alone.
        const pages = await openEngines(browser, {
          modelId: MODEL.id,
          modelFile: MODEL.file,
          peerUrl: peer.url,
          wantsWllama: isComparing,
          wantsOnnx: wantsPeers && isComparing,
          threads,
          report,
          failures,
          signal: ending.signal,
        });
        if (wantsPeers) bandwidth[threads] = await bandwidthOf(browser, peer.url, threads);
        const all = native === null ? pages : [...pages, native];
        const result = await measure(all, {
          threads,
          rounds,
          workload,
          report,
          failures,
          onRow,
          signal: ending.signal,
        });
        engines = { ...engines, ...result.descriptions };
        sottoEngineBytes = result.sottoEngineBytes;
        const cache = cacheBytes(result.metadata, workload.contextLength);
        targetBytes = cache === null ? targetBytes : Math.round(1.5 * fileBytes + cache);
        for (const { unload, page } of pages) {
          // Nobody waits for one that is stuck.
          await Promise.race([unload().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 5000))]);
          await page?.close().catch(() => {});
        }
        for (const page of browser.pages().slice(1)) await page.close().catch(() => {});
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        report(`${threads} thread(s) were given up: ${reason}`);
        failures.push({ engine: 'all', threads, what: 'the rest', reason });
        for (const page of browser.pages()) await page.close().catch(() => {});
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
      }
    }
    if (rows.length === 0) throw new Failure(`Nothing could be measured: ${failures.at(-1)?.reason ?? 'no threads'}.`);
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
      return { environment, rows, ratios: ratiosOf(rows), failures };
    }
    const weightBytes = await weightBytesOf(join(ROOT, MODEL.file), fileBytes);
    const versions = Object.fromEntries([...PACKAGES.keys()].map((name) => [name, versionOf(name)]));
    const environment = { ...shared, engines, versions, model: { ...MODEL, fileBytes, weightBytes }, bandwidth };
    return { environment, rows, ratios: fullRatiosOf(rows, { weightBytes, bandwidths: bandwidth }), failures };
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
