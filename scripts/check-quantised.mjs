import './lib/node-version.mjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { greedyPage, partingsOf, totalsOf } from './ask/greedy-page.mjs';
import { readResults, writeResults } from './ask/results.mjs';
import { judge } from './ask/ties.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { linesOf } from './lib/lines-of.mjs';
import { ROOT } from './lib/paths.mjs';

/** What llama.cpp's own tool calls them; all but the floats mix several block types. */
const TYPES = [
  'F32',
  'F16',
  'BF16',
  'Q8_0',
  'Q6_K',
  'Q5_K_M',
  'Q5_1',
  'Q5_0',
  'Q4_K_M',
  'Q4_1',
  'Q4_0',
  'IQ4_NL',
  'IQ4_XS',
  'IQ3_M',
  'IQ3_XXS',
  'Q3_K_M',
  'Q2_K',
  'IQ2_M',
  'IQ2_S',
  'IQ2_XS',
  'IQ2_XXS',
  'IQ1_M',
  'IQ1_S',
];

const HELP = `node scripts/check-quantised.mjs [options]

Has llama.cpp quantise the trained weights of the embedded model to each block type, asks "npm run ask -- --model FILE" for
greedy answers, and compares each token with llama.cpp's. Where they part, exact arithmetic on the same weights says whether
that is a tie.

  --python FILE    a Python with numpy, gguf and llama-cpp-python (python3)
  --types A,B      only these files (${TYPES.join(',')})
  --tokens N       how many tokens of each answer (64)
  --kv-cache KIND  the engine's cache: int8, f16 or f32 (chosen by the product)
  --results FILE   keeps the figures there, adds to what an earlier run left, and writes docs/models/greedy.md of all
  --help           this text`;

const PROMPTS = 'scripts/goldens/quantised-prompts.jsonl';

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      python: { type: 'string', default: 'python3' },
      types: { type: 'string', default: TYPES.join(',') },
      tokens: { type: 'string', default: '64' },
      'kv-cache': { type: 'string' },
      results: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const tokens = readNumber('--tokens', values.tokens, { minimum: 1, maximum: 256 });
  const types = values.types.split(',');
  const unknown = types.find((type) => !TYPES.includes(type));
  if (unknown !== undefined) throw new Failure(`--types: "${unknown}" is none of ${TYPES.join(', ')}.`);
  const more = values['kv-cache'] === undefined ? [] : ['--kv-cache', values['kv-cache']];

  // Here and not in the first question: a build that fails is no refusal of a model.
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'sotto-quantised-'));
  /** @type {Record<string, import('./ask/ties.mjs').Verdict[]>} */
  const verdicts = values.results === undefined ? {} : readResults(values.results);
  try {
    for (const type of types) {
      const script = join(ROOT, 'scripts/goldens/quantised.py');
      const oracles = await linesOf(values.python, [script, type, folder, join(ROOT, PROMPTS), `${tokens}`]);
      const file = join(folder, `${type}.gguf`);
      const wish = ['--temperature', '0', '--max-tokens', `${tokens}`, '--prompts', PROMPTS, ...more];
      const ask = ['scripts/ask.mjs', '--json', '--backend', 'cpu', '--model', file, ...wish];
      const answers = await linesOf(process.execPath, ask);
      rmSync(file);
      if (answers.length !== oracles.length) throw new Failure(`${type}: ${answers.length} answers.`);
      verdicts[type] = oracles.map((oracle, index) => judge(oracle, answers[index]));
      console.log(`${type}: ${totalsOf(verdicts[type]).text}`);
      for (const line of partingsOf(verdicts[type])) console.log(line);
      if (values.results === undefined) continue;
      writeResults(values.results, verdicts);
      writeFileSync(join(ROOT, 'docs/models/greedy.md'), greedyPage(TYPES, verdicts));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
