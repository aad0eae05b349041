import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { openProductBrowser, PRODUCT_ORIGIN } from '../lib/product-browser.mjs';
import { listen } from '../lib/server.mjs';
import { createStaticHandler } from '../lib/static-server.mjs';
import { ISOLATION } from './engines.mjs';
import { measureInputLatency } from './input-latency.mjs';
import { writePack } from './pack/write-pack.mjs';

/**
 * @typedef {object} PageOptions
 * @property {string} executablePath
 * @property {string} model A name of random weights, "135m Q4_1".
 * @property {readonly string[]} engines
 * @property {'quick' | 'full'} extent
 * @property {boolean} wantsPeers
 * @property {boolean} wantsKeys Whether key presses are timed, which takes minutes with a large model.
 */

/** Key presses are timed on a page as it is, and on one whose own thread is so many times slower. */
const SLOWDOWNS = [1, 4];
/** Made anew for each run, from the build. */
const PACK = join(ROOT, 'node_modules/.cache/sotto-bench/page');

/**
 * Runs the benchmark page in a headless Chromium, as a person would with its button, and after it what no page can measure
 * of itself: how long it takes to react while an engine reads.
 * @param {PageOptions} options
 */
export async function benchPage({ executablePath, model, engines, extent, wantsPeers, wantsKeys }) {
  writePack(PACK, { wantsPeers });
  const profile = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const server = await listen(createStaticHandler({ directory: PACK, headers: ISOLATION }), { host: '127.0.0.1' });
  const browser = await openProductBrowser({ executablePath, profile, port: server.port, wantsWebGpu: true });
  try {
    const page = await browser.newPage();
    page.on('pageerror', ({ message }) => console.error(message));
    await page.goto(`${PRODUCT_ORIGIN}bench.html`);
    await page.waitForFunction(() => 'sottoBench' in globalThis);
    const report = await page.evaluate((wish) => /** @type {any} */ (globalThis).sottoBench.run(wish), {
      model,
      engines,
      extent,
      ...(wantsPeers ? {} : { peers: [] }),
    });
    const inputLatency = [];
    // Said as it comes: what follows takes minutes, and may not come to its end.
    if (wantsKeys) printPage({ ...report, inputLatency: [] }, console.error);
    for (const engine of wantsKeys ? engines.filter((name) => name !== 'auto') : []) {
      for (const slowdown of SLOWDOWNS) {
        console.error(`pressing keys while "${engine}" reads, the page slowed down ${slowdown} ×`);
        inputLatency.push({ engine, ...(await measureInputLatency(page, { model, engine, slowdown })) });
      }
    }
    return { ...report, inputLatency };
  } finally {
    await browser.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/**
 * @param {Awaited<ReturnType<typeof benchPage>>} report
 * @param {(line: string) => void} [print]
 */
export function printPage({ columns, failures, inputLatency }, print = console.log) {
  for (const { engine, description, model, loadMs, figures, profile } of columns) {
    print(`\n${typeof engine === 'string' ? engine : engine.peer} · ${model} · ${description}`);
    print(`  load ${(loadMs / 1000).toFixed(2)} s`);
    for (const { phase, tokens, tokensPerSecond } of figures) {
      print(`  ${phase.padEnd(8)}${String(tokens).padStart(6)}  ${tokensPerSecond.toFixed(1)} tokens a second`);
    }
    if (profile === null) continue;
    const device = profile.deviceMs === null ? '' : `, GPU ${profile.deviceMs.toFixed(3)} ms`;
    print(`  a token: ${profile.dispatchesPerToken} dispatches, encoding ${profile.encodeMs.toFixed(3)} ms${device}`);
  }
  for (const { engine, reason } of failures) print(`\n${engine}: ${reason}`);
  for (const { engine, slowdown, inputs, p95Ms, worstMs, tokens } of inputLatency) {
    print(
      `\n${engine}, reading ${tokens} tokens, page slowed down ${slowdown} ×: ${inputs} key presses, 95 % within ${p95Ms} ms, worst ${worstMs} ms`,
    );
  }
}
