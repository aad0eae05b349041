import './lib/node-version.mjs';
import { cpus, loadavg } from 'node:os';
import { median } from './bench/statistics.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureChromium, launchOptions, SOFTWARE_WEBGPU } from './lib/chromium.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { serveProduct } from './lib/server.mjs';

const HELP = `node scripts/bench-embeddings.mjs [options]

Embeds the same passages with Sotto's own encoder engine and with transformers.js on onnxruntime-web, in turns in one browser.
Absolute times move with the machine; the ratio is the result. Needs a built product (npm run build).

  --backend cpu|webgpu|auto  Sotto's engine (cpu); beside webgpu transformers.js runs on WebGPU too
  --threads N                compute threads of Sotto's on the processor (as many as transformers.js takes)
  --passages N               passages a round, of some 180 tokens (16; 512 on webgpu)
  --rounds N                 rounds (7)
  --help                     this text

SOTTO_WEBGPU=software takes the graphics adapter in software, for machines without a GPU: right, and very slow.`;

const WORDS = 170;
const BACKENDS = ['cpu', 'webgpu', 'auto'];

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      backend: { type: 'string', default: 'cpu' },
      threads: { type: 'string' },
      passages: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { backend } = values;
  if (!BACKENDS.includes(backend))
    throw new Failure(`--backend takes one of ${BACKENDS.join(', ')}, not "${backend}".`);
  const workload = {
    backend,
    words: WORDS,
    threads: values.threads === undefined ? 0 : readNumber('--threads', values.threads, { minimum: 1, maximum: 64 }),
    rounds: readNumber('--rounds', values.rounds, { minimum: 1, maximum: 100 }),
    passages: readNumber('--passages', values.passages ?? (backend === 'webgpu' ? '512' : '16'), {
      minimum: 2,
      maximum: 10_000,
    }),
  };
  const { chromium } = await import('playwright');
  const server = await serveProduct();
  const launch = launchOptions(await ensureChromium());
  const isSoftware = process.env['SOTTO_WEBGPU'] === 'software';
  const webgpu = backend === 'cpu' ? [] : isSoftware ? SOFTWARE_WEBGPU : ['--enable-unsafe-webgpu'];
  const browser = await chromium.launch({ ...launch, args: [...launch.args, ...webgpu] });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}?model=none`);
    const result = await page.evaluate(measure, workload);
    const { encoder, onnx, rounds } = result;
    const ratios = rounds.map(({ ours, theirs }) => theirs / ours);
    const timeOf = (/** @type {number[]} */ times) => `${median(times).toFixed(2)} ms a passage`;
    console.log(`${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}, Chromium ${browser.version()}`);
    console.log(`${workload.passages} passages of ${result.tokens} tokens`);
    console.log(
      `Sotto (Q8_0 GGUF; ${encoder.backendDescription}, ${encoder.threads} threads; ${encoder.engineReason}): ${timeOf(rounds.map(({ ours }) => ours))}`,
    );
    console.log(
      `transformers.js (int8 ONNX; ${onnx.device}, ${onnx.threads} threads): ${timeOf(rounds.map(({ theirs }) => theirs))}`,
    );
    if (encoder.threads !== onnx.threads) console.log('Not on as many threads: the ratio says nothing.');
    const sorted = [...ratios].sort((a, b) => a - b);
    console.log(
      `ratio: ${median(ratios).toFixed(1)} × (rounds: ${sorted.map((ratio) => ratio.toFixed(1)).join(', ')})`,
    );
  } finally {
    await browser.close();
    await server.close();
  }
});

/** Runs in the page. @param {{ backend: string, threads: number, rounds: number, passages: number, words: number }} workload */
async function measure({ backend, threads, rounds, passages, words }) {
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
  const device = backend === 'webgpu' ? 'webgpu' : 'wasm';
  const onnx = await sotto.onnx.load('all-minilm-l6-v2-onnx', 'feature-extraction', { device });
  await sotto.embeddings.load('all-minilm-l6-v2', { backend, threads: threads || onnx.threads });
  // On a GPU jobs grow until they are long enough.
  const warm = backend === 'cpu' ? texts.slice(0, 2) : texts;
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
  return { rounds: results, tokens, encoder: sotto.embeddings.loaded, onnx };
}
