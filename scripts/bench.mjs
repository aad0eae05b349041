import './lib/node-version.mjs';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BENCH_PAGES, openEngines, servePeer } from './bench/engines.mjs';
import { measure } from './bench/measure.mjs';
import { cacheBytes } from './bench/memory.mjs';
import { formatTable, ratiosOf } from './bench/result.mjs';
import { CONTEXT } from './bench/workload.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';
import { openProductBrowser } from './lib/product-browser.mjs';
import { serveProduct } from './lib/server.mjs';

const HELP = `npm run bench -- [options]

Measures Sotto beside wllama (llama.cpp in WebAssembly) on the same weights, in turns, in one Chromium.

  --threads LIST  numbers of threads, "1,2" (1 and all of this machine, at most 4)
  --rounds N      rounds of which the median is taken (5)
  --json          one JSON object {environment, rows, ratios} on stdout instead of the table
  --help          this text

Leave the machine alone meanwhile; with 5 rounds it takes some ten minutes, nearly all of it the peer's.`;

const MODEL = { id: 'smollm2-135m-instruct', file: 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf' };

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      threads: { type: 'string', default: [...new Set([1, Math.min(4, availableParallelism())])].join(',') },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = readNumber('--rounds', values.rounds, { minimum: 1, maximum: 99 });
  const threadCounts = values.threads
    .split(',')
    .map((text) => readNumber('--threads', text, { minimum: 1, maximum: 64 }));

  await ensureDependencies();
  const executablePath = await ensureChromium();
  await ensureBuilt();

  const report = (/** @type {string} */ line) => console.error(line);
  const profile = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const [product, peer] = [await serveProduct({ host: '127.0.0.1', pages: BENCH_PAGES }), await servePeer()];
  const browser = await openProductBrowser({ executablePath, profile, port: product.port });
  try {
    const fileBytes = statSync(join(ROOT, MODEL.file)).size;
    const rows = [];
    let environment = {};
    for (const threads of threadCounts) {
      // A fresh pair of pages, and with it fresh processes: peak memory is that of this number of threads alone.
      const engines = await openEngines(browser, {
        modelId: MODEL.id,
        modelFile: MODEL.file,
        peerUrl: peer.url,
        report,
      });
      const result = await measure(engines, { threads, rounds, report });
      rows.push(...result.rows);
      const cache = cacheBytes(result.metadata, CONTEXT);
      environment = {
        date: new Date().toISOString(),
        browser: browser.browser()?.version() ?? (await engines.sotto.page.evaluate(() => navigator.userAgent)),
        processor: cpus()[0]?.model ?? 'unknown',
        logicalProcessors: availableParallelism(),
        platform: `${process.platform} ${process.arch}`,
        sotto: { version: versionOf('package.json'), engine: result.descriptions['sotto'] },
        wllama: {
          version: versionOf('node_modules/@wllama/wllama/package.json'),
          engine: result.descriptions['wllama'],
        },
        model: { id: MODEL.id, file: MODEL.file, fileBytes },
        contextLength: CONTEXT,
        rounds,
        memory: {
          measure:
            'peak resident memory (VmHWM) of the page’s renderer process, less what the empty page held; Linux only',
          sottoEngineBytes: result.sottoEngineBytes,
          sottoTargetBytes: cache === null ? null : Math.round(1.5 * fileBytes + cache),
        },
      };
      await engines.sotto.unload();
      await engines.wllama.unload();
      await engines.sotto.page.close();
      await engines.wllama.page.close();
    }
    const result = { environment, rows, ratios: ratiosOf(rows) };
    if (values.json) console.log(JSON.stringify(result));
    else printForPeople(result);
  } finally {
    await browser.close().catch(() => {});
    await Promise.all([product.close(), peer.close()]);
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
});

/** @param {string} path */
function versionOf(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')).version;
}

/** @param {{ environment: any, rows: import('./bench/measure.mjs').Row[], ratios: ReturnType<typeof ratiosOf> }} result */
function printForPeople({ environment, rows, ratios }) {
  console.log(`${environment.processor}, Chromium ${environment.browser}, medians of ${environment.rounds} rounds\n`);
  console.log(formatTable(rows));
  const factor = (/** @type {number | null} */ ratio) => (ratio === null ? '–' : `${ratio.toFixed(1)} ×`);
  console.log(`\nat least: decode ${factor(ratios.decodeVsWllama)}, prefill ${factor(ratios.prefillVsWllama)} wllama`);
  const { sottoEngineBytes, sottoTargetBytes, measure: how } = environment.memory;
  const megabytes = (/** @type {number | null} */ bytes) => (bytes === null ? '–' : `${(bytes / 1e6).toFixed(0)} MB`);
  console.log(
    `Sotto's engine holds ${megabytes(sottoEngineBytes)}; 1.5 × file + KV cache is ${megabytes(sottoTargetBytes)}.`,
  );
  console.log(`Memory: ${how}.`);
}
