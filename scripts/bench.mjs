import './lib/node-version.mjs';
import { availableParallelism } from 'node:os';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';

const HELP = `npm run bench -- [options]

Measures Sotto beside wllama (llama.cpp in WebAssembly) on the same weights, in turns, in one Chromium.

  --peers         everything: beside wllama also transformers.js on onnxruntime-web (int8 and fp32, random weights of the same
                  shape) and native llama.cpp, where a Python with llama_cpp is there (python3, or the one that
                  SOTTO_BENCH_PYTHON names); longer contexts, second turn, new page, guessing, memory bandwidth
  --kernels       each kernel of the engine alone, one thread, against what memory gives in the same minute
  --threads LIST  numbers of threads, "1,2" (1 and all of this machine, at most 4)
  --rounds N      rounds of which the median is taken (5; with --peers 3)
  --json          one JSON object {environment, rows, ratios} on stdout instead of the table
                  (with --peers as in scripts/bench/result.schema.json)
  --help          this text

Leave the machine alone meanwhile; with 5 rounds it takes some ten minutes, nearly all of it the peer's. With --peers it takes
about an hour and some 8 GB of memory.`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      peers: { type: 'boolean', default: false },
      kernels: { type: 'boolean', default: false },
      threads: { type: 'string', default: [...new Set([1, Math.min(4, availableParallelism())])].join(',') },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = readNumber('--rounds', values.rounds ?? (values.peers ? '3' : '5'), { minimum: 1, maximum: 99 });
  const threadCounts = values.threads
    .split(',')
    .map((text) => readNumber('--threads', text, { minimum: 1, maximum: 64 }));

  await ensureDependencies();
  const executablePath = await ensureChromium();
  await ensureBuilt();
  if (values.kernels) {
    const { benchKernels } = await import('./bench/kernels.mjs');
    return benchKernels({ executablePath, rounds });
  }
  const { compare } = await import('./bench/compare.mjs');
  const { printForPeople } = await import('./bench/print.mjs');
  const result = await compare({ executablePath, threadCounts, rounds, wantsPeers: values.peers });
  if (values.json) console.log(JSON.stringify(result));
  else printForPeople(result);
});
