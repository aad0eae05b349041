import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { launchOptions } from '../lib/chromium.mjs';
import { ROOT } from '../lib/paths.mjs';
import { listen } from '../lib/server.mjs';
import { sourceModule } from '../lib/source-module.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { timeAttention } from './attention-in-page.mjs';
import { measureBandwidth } from './bandwidth.mjs';
import { ISOLATION } from './engines.mjs';
import { timeKernels } from './kernels-in-page.mjs';

/** Kernels that the embedded model needs come first. */
const FIRST = ['Q4_1', 'Q8_0'];

/**
 * The engine's kernels as its own sources describe them, each with all types that it computes with.
 * @returns {Promise<{ name: string, kernel: number, groupBytes: number }[]>}
 */
export async function engineKernels() {
  const { kernelTypeOf, typesWithKernel } = await sourceModule('src/runtime/backends/cpu/kernel-types.ts');
  /** @type {Map<number, { name: string, kernel: number, groupBytes: number }>} */
  const kernels = new Map();
  const types = /** @type {readonly string[]} */ (typesWithKernel());
  for (const type of [...FIRST, ...types.filter((name) => !FIRST.includes(name))]) {
    const { kernel, groupBytes } = kernelTypeOf(type);
    const known = kernels.get(kernel);
    kernels.set(kernel, { name: known === undefined ? type : `${known.name}, ${type}`, kernel, groupBytes });
  }
  return [...kernels.values()];
}

/**
 * The kind of build that a page of the product takes in this browser, told by the product's own questions.
 * @param {import('playwright').Page} page
 * @returns {Promise<'fused' | 'relaxed' | 'plain'>}
 */
async function buildFor(page) {
  const { transformWithOxc } = await import('vite');
  const path = join(ROOT, 'src/runtime/backends/cpu/simd-support.ts');
  const { code } = await transformWithOxc(await readFile(path, 'utf8'), path);
  return page.evaluate(async (module) => {
    const support = await import(`data:text/javascript,${encodeURIComponent(module)}`);
    return support.hasFusedDot() ? 'fused' : support.hasRelaxedSimd() ? 'relaxed' : 'plain';
  }, code);
}

/**
 * Every kernel of the build that this browser takes, on one thread, and what memory gives in the same minute: printed as a table. Each is the
 * best of its rounds, because both are limits: whatever else the machine does can only lower them.
 * @param {{ executablePath: string, rounds: number }} options
 */
export async function benchKernels({ executablePath, rounds }) {
  const { chromium } = await import('playwright');
  const directory = join(ROOT, 'src/runtime/backends/cpu/generated');
  const pages = { '/bench.html': '<!doctype html><html lang="en"><title>bench</title>' };
  const handle = createStaticHandler({ headers: ISOLATION, pages, directory });
  const server = await listen((request, response) => void handle(request, response), { host: '127.0.0.1' });
  const browser = await chromium.launch(launchOptions(executablePath));
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}bench.html`);
    const before = await measureBandwidth(page, 1, { isBest: true });
    const fields = await sourceModule('src/runtime/backends/cpu/plan-fields.ts');
    const layout = {
      eightBit: fields.EIGHT_BIT_RECORD,
      sixteenBit: fields.SIXTEEN_BIT_RECORD,
      table: fields.TABLE_RECORD,
      tile: fields.TILE_TOKENS,
    };
    const build = await buildFor(page);
    const wasm = `${server.url}${build}-unshared.wasm`;
    const options = { wasm, kernels: await engineKernels(), layout, megabytes: 128, rounds };
    const results = await page.evaluate(timeKernels, options);
    const attention = { wasm, segment: fields.ATTENTION_SEGMENT, megabytes: 128, rounds };
    const attended = await page.evaluate(timeAttention, attention);
    const bandwidth = Math.max(before, await measureBandwidth(page, 1, { isBest: true }));
    console.log(
      `${cpus()[0]?.model}, ${availableParallelism()} logical, Chromium ${browser.version()}, ${build} build, one thread`,
    );
    console.log(`memory from WASM: ${bandwidth.toFixed(1)} GB/s\n`);
    console.log('| held as | one token, GMAC/s | GB/s | share of memory | 64 tokens, GMAC/s |');
    console.log('| --- | --- | --- | --- | --- |');
    const print = (
      /** @type {string} */ name,
      /** @type {number[]} */ one,
      /** @type {number[]} */ gigabytes,
      /** @type {number[]} */ many,
    ) => {
      const rate = Math.max(...gigabytes);
      const share = `${((100 * rate) / bandwidth).toFixed(0)} %`;
      const sixtyFour = many.length === 0 ? '–' : Math.max(...many).toFixed(0);
      console.log(`| ${name} | ${Math.max(...one).toFixed(0)} | ${rate.toFixed(1)} | ${share} | ${sixtyFour} |`);
    };
    for (const { name, gemv, gemm, gigabytes } of results) print(name, gemv, gigabytes, gemm);
    for (const { name, rates, gigabytes } of attended) print(`attention, ${name}`, rates, gigabytes, []);
  } finally {
    await browser.close();
    await server.close();
  }
}
