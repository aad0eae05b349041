import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { launchOptions } from '../lib/chromium.mjs';
import { ROOT } from '../lib/paths.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { measureBandwidth } from './bandwidth.mjs';
import { ISOLATION } from './engines.mjs';
import { timeKernels } from './kernels-in-page.mjs';

/** Numbers of plan-fields.ts, and bytes of 32 values of 8 rows as kernel-types.ts has them. */
const KERNELS = [
  { name: 'Q4_0', kernel: 2, groupBytes: 144 },
  { name: 'Q4_1, Q4_K', kernel: 3, groupBytes: 160 },
  { name: 'Q5_0', kernel: 6, groupBytes: 176 },
  { name: 'Q5_1, Q5_K', kernel: 7, groupBytes: 192 },
  { name: 'Q8_0', kernel: 8, groupBytes: 272 },
  { name: 'Q2_K, TQ1_0, TQ2_0', kernel: 10, groupBytes: 104 },
  { name: 'Q3_K', kernel: 11, groupBytes: 148 },
  { name: 'Q6_K', kernel: 14, groupBytes: 212 },
  { name: 'IQ4_NL, IQ4_XS', kernel: 20, groupBytes: 144 },
  { name: 'MXFP4', kernel: 39, groupBytes: 144 },
  { name: 'Q1_0', kernel: 41, groupBytes: 36 },
  { name: 'F16', kernel: 1, groupBytes: 512 },
  { name: 'BF16', kernel: 30, groupBytes: 512 },
  { name: 'F32', kernel: 0, groupBytes: 1024 },
];

/**
 * Every kernel of the relaxed build on one thread, and what memory gives in the same minute: printed as a table. Each is the
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
    const options = { wasm: `${server.url}relaxed-unshared.wasm`, kernels: KERNELS, megabytes: 128, rounds };
    const results = await page.evaluate(timeKernels, options);
    const bandwidth = Math.max(before, await measureBandwidth(page, 1, { isBest: true }));
    console.log(`${cpus()[0]?.model}, ${availableParallelism()} logical, Chromium ${browser.version()}, one thread`);
    console.log(`memory from WASM: ${bandwidth.toFixed(1)} GB/s\n`);
    console.log('| held as | one token, GMAC/s | GB/s | share of memory | 64 tokens, GMAC/s |');
    console.log('| --- | --- | --- | --- | --- |');
    for (const { name, gemv, gemm, gigabytes } of results) {
      const rate = Math.max(...gigabytes);
      const share = `${((100 * rate) / bandwidth).toFixed(0)} %`;
      console.log(
        `| ${name} | ${Math.max(...gemv).toFixed(0)} | ${rate.toFixed(1)} | ${share} | ${Math.max(...gemm).toFixed(0)} |`,
      );
    }
  } finally {
    await browser.close();
    await server.close();
  }
}
