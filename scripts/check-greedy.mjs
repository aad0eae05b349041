import './lib/node-version.mjs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareGreedy } from './ask/greedy.mjs';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const HELP = `node scripts/check-greedy.mjs [options]

Asks the embedded model, with "npm run ask", to continue the texts of scripts/goldens/greedy-exact.json, and compares each
token with exact float's. From a token on whose two best candidates are nearly equal, anything may follow.

  --backend cpu|webgpu  the engine (webgpu)
  --near-tie M          margin of logits below which two candidates count as equal (0.01; the processor's engine, which
                        rounds activations to 8 bits, needs 0.3)
  --prompts N           how many of the texts (all)
  --tokens N            how many tokens of each (64)
  --help                this text`;

const MODEL = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      backend: { type: 'string', default: 'webgpu' },
      'near-tie': { type: 'string', default: '0.01' },
      prompts: { type: 'string', default: '1000' },
      tokens: { type: 'string', default: '64' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const nearTie = readNumber('--near-tie', values['near-tie'], { minimum: 0, maximum: 100, isInteger: false });
  const count = readNumber('--prompts', values.prompts, { minimum: 1, maximum: 1_000 });
  const tokens = readNumber('--tokens', values.tokens, { minimum: 1, maximum: 64 });
  /** @type {import('./ask/greedy.mjs').GreedyCase[]} */
  const all = JSON.parse(readFileSync(join(ROOT, 'scripts/goldens/greedy-exact.json'), 'utf8')).slice(0, count);
  const folder = mkdtempSync(join(tmpdir(), 'sotto-greedy-'));
  try {
    const answersOf = async (
      /** @type {readonly import('./ask/greedy.mjs').GreedyCase[]} */ cases,
      /** @type {string[]} */ more,
    ) => {
      if (cases.length === 0) return [];
      const prompts = join(folder, 'prompts.jsonl');
      writeFileSync(prompts, cases.map(({ prompt, system }) => JSON.stringify({ prompt, system })).join('\n'));
      // The file itself, not the catalogue's entry, which penalises repetition.
      const wish = ['--model', MODEL, '--temperature', '0', '--max-tokens', `${tokens}`, '--prompts', prompts];
      const parameters = ['scripts/ask.mjs', '--json', '--backend', values.backend, ...wish, ...more];
      const { exitCode, output } = await run(process.execPath, parameters, { environment: { INIT_CWD: ROOT } });
      if (exitCode !== 0) throw new Failure(output);
      return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    };
    const chats = all.filter(({ system }) => system !== undefined);
    const texts = all.filter(({ system }) => system === undefined);
    const answers = [...(await answersOf(chats, [])), ...(await answersOf(texts, ['--raw']))];
    const { lines, totals } = compareGreedy([...chats, ...texts], answers, { nearTie, tokens });
    for (const line of lines) console.log(line);
    console.log(totals.text);
    if (totals.wrong > 0) throw new Failure('The engine parts from exact float where it must not.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
