import './lib/node-version.mjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { familiesPage, partingsOf, totalsOf } from './ask/greedy-page.mjs';
import { readResults, writeResults } from './ask/results.mjs';
import { judge } from './ask/ties.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { runCommand } from './lib/failure.mjs';
import { linesOf } from './lib/lines-of.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `node scripts/check-families.mjs [options]

Writes a file of every architecture (tiny, random weights, a real vocabulary), asks "npm run ask -- --model FILE" to continue
a few texts greedily, and compares each token with llama.cpp's. Where they part, exact arithmetic on the same weights says
whether that is a tie.

  --python FILE    a Python with numpy, gguf and llama-cpp-python (python3)
  --model NAME     only this one, of scripts/goldens/architectures.json; may be given several times
  --tokens N       how many tokens of each text (24)
  --backend KIND   the engine: cpu or webgpu (cpu)
  --results FILE   keeps the figures there, adds to what an earlier run left, and writes docs/models/families.md of all
  --help           this text`;

const PROMPTS = 'scripts/goldens/families-prompts.jsonl';

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      python: { type: 'string', default: 'python3' },
      model: { type: 'string', multiple: true, default: [] },
      tokens: { type: 'string', default: '24' },
      backend: { type: 'string', default: 'cpu' },
      results: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const tokens = readNumber('--tokens', values.tokens, { minimum: 1, maximum: 128 });
  const results = values.results === undefined ? {} : readResults(values.results);
  // Here and not in the first question: a build that fails is no refusal of a model.
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'sotto-families-'));
  try {
    const script = join(ROOT, 'scripts/goldens/families.py');
    const files = await linesOf(values.python, [script, folder, join(ROOT, PROMPTS), `${tokens}`, ...values.model]);
    for (const { name, type, path, cases } of files) {
      if (cases.length === 0) {
        console.log(`${name}, ${type}: llama.cpp does not run it`);
        continue;
      }
      const wish = ['--temperature', '0', '--max-tokens', `${tokens}`, '--prompts', PROMPTS, '--raw'];
      const ask = ['scripts/ask.mjs', '--json', '--backend', values.backend, '--model', path, ...wish];
      const answers = await linesOf(process.execPath, ask).catch((error) => [{ message: `${error.message}` }]);
      rmSync(path);
      if (answers.length !== cases.length) {
        console.log(`${name}, ${type}: refused: ${answers.map(({ message }) => message).join(' ')}`);
        process.exitCode = 1;
        continue;
      }
      const verdicts = cases.map((/** @type {any} */ oracle, /** @type {number} */ index) =>
        judge(oracle, answers[index]),
      );
      results[name] = { type, verdicts };
      const { apart, text } = totalsOf(verdicts);
      if (apart > 0) process.exitCode = 1;
      console.log(`${name}, ${type}: ${text}`);
      for (const line of partingsOf(verdicts)) console.log(line);
      if (values.results === undefined) continue;
      writeResults(values.results, results);
      writeFileSync(join(ROOT, 'docs/models/families.md'), familiesPage(results));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
