import './lib/node-version.mjs';
import { cpus } from 'node:os';
import { median } from './bench/statistics.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { runCommand } from './lib/failure.mjs';
import { serveProduct } from './lib/server.mjs';

/**
 * `node scripts/bench-together.mjs`: the same answers written one after the other and at once, in turns in one browser, guessing
 * off. Prompts are short, so this is decoding. Absolute times move with the machine; the ratio is the result.
 */

const ROUNDS = 5;
const TOKENS = 48;

await runCommand(async () => {
  const { chromium } = await import('playwright');
  const server = await serveProduct();
  const browser = await chromium.launch(launchOptions(await ensureChromium()));
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}?model=none`);
    console.log(`${cpus()[0]?.model}, Chromium ${browser.version()}, answers of ${TOKENS} tokens`);
    for (const threads of [1, 2]) {
      const rounds = await page.evaluate(measure, { rounds: ROUNDS, tokens: TOKENS, threads });
      for (const count of [2, 4]) {
        const times = rounds.filter((round) => round.count === count);
        const ratios = times.map(({ inTurn, together }) => inTurn / together);
        const rate = (count * TOKENS * 1000) / median(times.map(({ together }) => together));
        console.log(
          `${threads} threads, ${count} answers at once: ${median(ratios).toFixed(2)} × one after the other ` +
            `(${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}), ${rate.toFixed(0)} tokens a second together`,
        );
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
});

/** Runs in the page. @param {{ rounds: number, tokens: number, threads: number }} workload */
async function measure({ rounds, tokens, threads }) {
  const { Sotto } = await import(new URL('sotto.js', document.baseURI).href);
  const sotto = await Sotto.create({ servesLocalApi: false });
  await sotto.models.load('smollm2-135m-instruct', { backend: 'cpu', threads });
  const subjects = ['the sea', 'a railway', 'bread', 'the moon'];
  const write = (/** @type {string} */ subject) =>
    sotto.chat.completions.create({
      model: 'smollm2-135m-instruct',
      messages: [{ role: 'user', content: `Tell me a long story about ${subject}.` }],
      temperature: 0,
      max_tokens: tokens,
      speculation: 'off',
    });
  const timed = async (/** @type {() => Promise<unknown>} */ run) => {
    const started = performance.now();
    await run();
    return performance.now() - started;
  };
  await Promise.all(subjects.map(write));
  const results = [];
  for (let round = 0; round < rounds; round++) {
    for (const count of [2, 4]) {
      const asked = subjects.slice(0, count);
      const inTurn = await timed(async () => {
        for (const subject of asked) await write(subject);
      });
      const together = await timed(() => Promise.all(asked.map(write)));
      results.push({ count, inTurn, together });
    }
  }
  await sotto[Symbol.asyncDispose]();
  return results;
}
