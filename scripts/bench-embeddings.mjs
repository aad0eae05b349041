import './lib/node-version.mjs';
import { cpus } from 'node:os';
import { median } from './bench/statistics.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { runCommand } from './lib/failure.mjs';
import { serveProduct } from './lib/server.mjs';

/**
 * Embeds the same passages with Sotto's own encoder engine and with transformers.js on onnxruntime-web, in turns in one
 * browser, two threads each. Absolute times move with the machine; the ratio is the result.
 */

const ROUNDS = 7;
const PASSAGES = 16;
const WORDS = 170;

await runCommand(async () => {
  const { chromium } = await import('playwright');
  const server = await serveProduct();
  const browser = await chromium.launch(launchOptions(await ensureChromium()));
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}?model=none`);
    const result = await page.evaluate(measure, { rounds: ROUNDS, passages: PASSAGES, words: WORDS });
    const ratio = median(result.rounds.map(({ ours, theirs }) => theirs / ours));
    console.log(
      `${cpus()[0]?.model}, Chromium ${browser.version()}, ${result.tokens} tokens a passage, 2 threads each`,
    );
    console.log(`Sotto (Q8_0 GGUF):          ${median(result.rounds.map(({ ours }) => ours)).toFixed(1)} ms a passage`);
    console.log(
      `transformers.js (int8 ONNX): ${median(result.rounds.map(({ theirs }) => theirs)).toFixed(1)} ms a passage`,
    );
    console.log(
      `ratio: ${ratio.toFixed(1)} × (rounds: ${result.rounds.map(({ ours, theirs }) => (theirs / ours).toFixed(1)).join(', ')})`,
    );
  } finally {
    await browser.close();
    await server.close();
  }
});

/** Runs in the page. @param {{ rounds: number, passages: number, words: number }} workload */
async function measure({ rounds, passages, words }) {
  const { Sotto } = await import(new URL('sotto.js', document.baseURI).href);
  const sotto = await Sotto.create({ servesLocalApi: false });
  const text = 'the river runs through old towns and carries maps of people who once measured its banks with care';
  const vocabulary = text.split(' ');
  let state = 7;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return vocabulary[state % vocabulary.length];
  };
  const texts = Array.from({ length: passages }, () => Array.from({ length: words }, next).join(' '));
  await sotto.embeddings.load('all-minilm-l6-v2', { threads: 2 });
  const onnx = await sotto.onnx.load('all-minilm-l6-v2-onnx', 'feature-extraction');
  const warm = texts.slice(0, 2);
  await sotto.embeddings.vectors(warm);
  await sotto.onnx.embed(onnx.id, warm);
  /** @param {() => Promise<{ tokens: number }>} run */
  const timed = async (run) => {
    const started = performance.now();
    const { tokens } = await run();
    return { milliseconds: (performance.now() - started) / passages, tokens: Math.round(tokens / passages) };
  };
  const results = [];
  let tokens = 0;
  for (let round = 0; round < rounds; round++) {
    const ours = await timed(() => sotto.embeddings.vectors(texts));
    const theirs = await timed(() => sotto.onnx.embed(onnx.id, texts));
    results.push({ ours: ours.milliseconds, theirs: theirs.milliseconds });
    tokens = ours.tokens;
  }
  return { rounds: results, tokens };
}
