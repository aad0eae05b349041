import './lib/node-version.mjs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { ROOT } from './lib/paths.mjs';

/**
 * `node scripts/bench-structured.mjs`: what a form costs. The embedded model on one thread writes answers in a few forms; the
 * time spent on the grammar (masks, forced text, following along) is measured within the time of the whole answer. Shares
 * within one run: another load of the machine changes both.
 */
const FORMS = {
  person: schema({ name: { type: 'string', maxLength: 40 }, age: { type: 'integer', minimum: 0, maximum: 150 } }),
  tagged: schema({
    title: { type: 'string' },
    tags: { type: 'array', items: { type: 'string', maxLength: 20 }, minItems: 3, maxItems: 6 },
    size: { enum: ['small', 'middle', 'large'] },
    date: { type: 'string', format: 'date' },
  }),
  'any JSON': { kind: 'json', root: 'object' },
  pattern: { kind: 'regex', pattern: '([A-Z][a-z]+ ){3,12}end\\.' },
  grammar: { kind: 'gbnf', text: 'root ::= item+\nitem ::= "- " [^\\n]{3,40} "\\n"' },
};
const QUESTION = 'Tell me about the city of Lisbon.';
const ROUNDS = 2;
const SAMPLING = {
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1.1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 1,
};

/** @param {Record<string, object>} properties */
function schema(properties) {
  return { kind: 'json-schema', schema: { type: 'object', properties, required: Object.keys(properties) } };
}

await runCommand(async () => {
  await ensureDependencies();
  const { createServer } = await import('vite');
  const server = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    const load = (/** @type {string} */ path) => server.ssrLoadModule(path);
    const { openModelFile } = await load('/src/runtime/text/testing/model-file.ts');
    const { loadModel } = await load('/src/runtime/generation/load-model.ts');
    const { createCpuBackend } = await load('/src/runtime/backends/cpu/index.ts');
    const { openSnapshotStore } = await load('/src/storage/snapshots/index.ts');
    const { renderChatTemplate } = await load('/src/runtime/text/chat-template/index.ts');
    const { compileGrammar } = await load('/src/runtime/generation/grammar/compile/index.ts');
    const compile = async (/** @type {string} */ build) =>
      WebAssembly.compile(await readFile(join(ROOT, `src/runtime/backends/cpu/generated/${build}.wasm`)));
    const model = await loadModel(
      {
        source: await openModelFile(),
        fallbackName: 'model',
        options: { contextLength: 512 },
        onProgress: () => {},
        signal: new AbortController().signal,
      },
      {
        createBackend: (/** @type {object} */ backend) =>
          createCpuBackend({ ...backend, threads: 1, build: 'plain', compile }),
        openSnapshots: openSnapshotStore,
      },
    );
    const { chatTemplate, bosToken, eosToken, specialTokens } = model.description;
    const messages = [{ role: 'user', content: QUESTION }];
    const template = { template: chatTemplate, messages, bosToken, eosToken, specialTokens, addGenerationPrompt: true };
    const prompt = renderChatTemplate(template);
    console.log('form        compile ms   tokens   forced   grammar ms/token   share of the answer, first | again');
    for (const [name, source] of Object.entries(FORMS)) {
      const started = performance.now();
      const grammar = { key: name, compiled: compileGrammar(source) };
      const compileMs = performance.now() - started;
      const runs = [];
      for (let round = 0; round < ROUNDS; round++) {
        const request = {
          callId: 'call',
          prompt,
          maxTokens: 100,
          stop: [],
          speculation: 'off',
          sampling: SAMPLING,
          grammar,
        };
        const watched = watch(model.mask(request));
        const from = performance.now();
        const { tokenIds } = await model.session.generate(request, { mask: watched.mask });
        runs.push({ ...watched.totals, ms: performance.now() - from, tokens: tokenIds.length });
      }
      const again = runs.at(-1);
      console.log(
        name.padEnd(12),
        compileMs.toFixed(1).padStart(9),
        String(again?.tokens).padStart(8),
        String(again?.forced).padStart(8),
        ((again?.spent ?? 0) / (again?.tokens ?? 1)).toFixed(3).padStart(14),
        runs
          .map(({ spent, ms }) => `${((100 * spent) / ms).toFixed(1)} %`)
          .join(' | ')
          .padStart(24),
      );
    }
    model.backend.dispose();
  } finally {
    await server.close();
  }
});

/**
 * A mask whose time is counted.
 * @param {{ forced(): readonly number[], allowed(): Uint32Array, accept(token: number): void }} mask
 */
function watch(mask) {
  const totals = { spent: 0, forced: 0 };
  /** @template T @param {() => T} work */
  const timed = (work) => {
    const from = performance.now();
    const result = work();
    totals.spent += performance.now() - from;
    return result;
  };
  return {
    totals,
    mask: {
      forced: () => {
        const tokens = timed(() => mask.forced());
        totals.forced += tokens.length;
        return tokens;
      },
      allowed: () => timed(() => mask.allowed()),
      accept: (/** @type {number} */ token) => timed(() => mask.accept(token)),
    },
  };
}
