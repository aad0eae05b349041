/**
 * Loads the embedded chat model from IndexedDB and from private files (OPFS) in turns, in one browser:
 * `node scripts/bench-stores.mjs [rounds]`. Prints the medians of loading (every byte verified on its way), of verifying alone, and of
 * the moves between the two.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { serveProduct } from './lib/server.mjs';

const rounds = Number(process.argv[2] ?? 5);
const MODEL = 'smollm2-135m-instruct';
const MEDIA = /** @type {const} */ (['indexeddb', 'opfs']);

await ensureBuilt();
const launch = launchOptions(await ensureChromium());
const server = await serveProduct({ port: 0 });
const profile = await mkdtemp(join(tmpdir(), 'sotto-bench-stores-'));
const context = await chromium.launchPersistentContext(profile, launch);
try {
  const page = await context.newPage();
  await page.goto(`${server.url}flows.html`);
  /** @type {Record<string, { load: number[], verify: number[], move: number[] }>} */
  const times = Object.fromEntries(MEDIA.map((medium) => [medium, { load: [], verify: [], move: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const medium of MEDIA) {
      const measured = await page.evaluate(
        async ({ model, medium }) => {
          const { Sotto } = await import(new URL('sotto.js', document.baseURI).href);
          const sotto = await Sotto.create({ servesLocalApi: false });
          await sotto.models.download(model);
          const timed = async (/** @type {() => Promise<unknown>} */ work) => {
            const start = performance.now();
            await work();
            return performance.now() - start;
          };
          const move = await timed(() => sotto.models.moveTo(medium));
          const loads = [];
          for (let i = 0; i < 3; i++) {
            const { loadMs } = await sotto.models.load(model, { backend: 'cpu', threads: 1 });
            loads.push(loadMs);
            await sotto.models.unload();
          }
          const verify = await timed(() => sotto.models.verify(model));
          await sotto.dispose();
          return { move, loads, verify };
        },
        { model: MODEL, medium },
      );
      times[medium]?.load.push(...measured.loads);
      times[medium]?.verify.push(measured.verify);
      // The first move of all has nothing to carry.
      if (round > 0) times[medium]?.move.push(measured.move);
    }
  }
  const median = (/** @type {number[]} */ values) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  for (const medium of MEDIA) {
    const { load = [], verify = [], move = [] } = times[medium] ?? {};
    console.log(
      `${medium}: load ${median(load).toFixed(0)} ms, verify ${median(verify).toFixed(0)} ms, move here ${median(move).toFixed(0)} ms`,
    );
  }
  const share = median(times['opfs']?.load ?? []) / median(times['indexeddb']?.load ?? []);
  console.log(`loading from private files takes ${share.toFixed(2)} of the time from IndexedDB (${rounds} rounds)`);
} finally {
  await context.close();
  await server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 3 });
}
