import './lib/node-version.mjs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';

const HELP = `npm run bench -- [options]

Measures Sotto beside wllama (llama.cpp in WebAssembly) on the same weights, in turns, in one Chromium.

  --peers         everything: beside wllama also transformers.js on onnxruntime-web (int8 and fp32, random weights of the same
                  shape) and native llama.cpp, where a Python with llama_cpp is there (python3, or the one that
                  SOTTO_BENCH_PYTHON names); longer contexts, second turn, new page, guessing, memory bandwidth
  --kernels       each kernel of the engine alone, one thread, against what memory gives in the same minute
  --page          the benchmark page in a headless Chromium: random weights on the graphics card and the processor, beside
                  onnxruntime-web and wllama on both; and how long a key press takes while an engine reads 4,000 tokens
  --model NAME    with --page: "135m Q4_1" (also "1.5b Q4_1", "1.5b Q4_K", "1.7b Q4_K", "1.7b Q1_0", "tiny")
  --engines LIST  with --page: "webgpu,threads" (also "single-thread", "auto")
  --extent E      with --page: quick or full (quick)
  --no-peers      with --page: ours alone
  --no-keys       with --page: no key presses
  --threads LIST  numbers of threads, "1,2" (1 and all of this machine, at most 4)
  --rounds N      rounds of which the median is taken (5; with --peers 3)
  --only LIST     rows of --peers that alone are wanted, with or without the other peers: "decode16,documentAfterReload"
  --minutes N     ends after so long with what it has: rows come in order of importance, and what is left out is said;
                  Ctrl+C does the same at once
  --json          one JSON object {environment, rows, ratios} on stdout instead of the table
                  (with --peers as in scripts/bench/result.schema.json)
  --help          this text

Leave the machine alone meanwhile; with 5 rounds it takes some ten minutes, nearly all of it the peer's. With --peers it takes
some 40 minutes and 8 GB of memory; a call of more than 20 seconds is made once and not in every round.`;

const ENGINES = ['webgpu', 'threads', 'single-thread', 'auto'];

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      peers: { type: 'boolean', default: false },
      kernels: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      model: { type: 'string', default: '135m Q4_1' },
      engines: { type: 'string', default: 'webgpu,threads' },
      extent: { type: 'string', default: 'quick' },
      'no-peers': { type: 'boolean', default: false },
      'no-keys': { type: 'boolean', default: false },
      threads: { type: 'string', default: [...new Set([1, Math.min(4, availableParallelism())])].join(',') },
      rounds: { type: 'string' },
      only: { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = readNumber('--rounds', values.rounds ?? (values.peers ? '3' : '5'), { minimum: 1, maximum: 99 });
  const threadCounts = values.threads
    .split(',')
    .map((text) => readNumber('--threads', text, { minimum: 1, maximum: 64 }));
  const extent = /** @type {'quick' | 'full'} */ (values.extent === 'full' ? 'full' : 'quick');
  if (values.extent !== extent) throw new Failure(`--extent takes quick or full, not "${values.extent}".`);
  const engines = values.engines.split(',');
  const unknown = engines.find((name) => !ENGINES.includes(name));
  if (unknown !== undefined) throw new Failure(`--engines takes ${ENGINES.join(', ')}, not "${unknown}".`);

  await ensureDependencies();
  const executablePath = await ensureChromium();
  await ensureBuilt();
  if (values.kernels) {
    const { benchKernels } = await import('./bench/kernels.mjs');
    return benchKernels({ executablePath, rounds });
  }
  if (values.page) {
    const { benchPage, printPage } = await import('./bench/page.mjs');
    const wish = {
      model: values.model,
      engines,
      extent,
      wantsPeers: !values['no-peers'],
      wantsKeys: !values['no-keys'],
    };
    const report = await benchPage({ executablePath, ...wish });
    return values.json ? console.log(JSON.stringify(report)) : printPage(report);
  }
  const { FULL, rowIds } = await import('./bench/workload.mjs');
  const ids = values.only?.split(',');
  const known = rowIds(FULL);
  const stranger = ids?.find((id) => !known.includes(id));
  if (stranger !== undefined) throw new Failure(`--only takes ${known.join(', ')}, not "${stranger}".`);
  const { compare } = await import('./bench/compare.mjs');
  const { printForPeople } = await import('./bench/print.mjs');
  const minutes =
    values.minutes === undefined ? undefined : readNumber('--minutes', values.minutes, { minimum: 1, maximum: 999 });
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stop.abort());
  const { signal } = stop;
  const result = await compare({
    executablePath,
    threadCounts,
    rounds,
    wantsPeers: values.peers,
    ids,
    minutes,
    signal,
  });
  if (values.json) console.log(JSON.stringify(result));
  else printForPeople(result);
});
