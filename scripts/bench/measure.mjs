import { createAttempts } from './attempts.mjs';
import { verified } from './engine.mjs';
import { processMemory } from './memory.mjs';
import { median } from './statistics.mjs';
import { promptOf } from './workload.mjs';

/**
 * One line of the table: the same thing for all engines.
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string} unit
 * @property {number} threads
 * @property {number | null} sotto
 * @property {number | null} wllama
 * @property {number | null} ratio How many times better than wllama Sotto is: above 1 is better, for times and for memory too.
 * @property {Readonly<Record<string, number | null>>} [peers] The other engines' values, by their names, where there are any.
 */

/** @typedef {import('./engine.mjs').Engine} Engine */
/** @typedef {Pick<Row, 'id' | 'title' | 'unit' | 'threads'>} Head */

/**
 * Measures engines with one number of threads, taking turns within every round, and keeps the medians. A row lacks the
 * value of an engine that failed in it.
 * @param {readonly Engine[]} engines
 * @param {{ threads: number, rounds: number, workload: import('./workload.mjs').Workload, report: (line: string) => void,
 *   failures: import('./attempts.mjs').BenchFailure[], onRow?: (row: Row) => void }} options
 * @returns {Promise<{ rows: Row[], descriptions: Record<string, string>, metadata: Record<string, string>, sottoEngineBytes: number | null }>}
 */
export async function measure(engines, { threads, rounds, workload, report, failures, onRow = () => {} }) {
  /** @type {Row[]} */
  const rows = [];
  const keep = (/** @type {Row} */ row) => {
    rows.push(row);
    onRow(row);
  };
  const { attempt } = createAttempts({ threads, report, failures });
  const options = { threads, contextLength: workload.contextLength };
  /** @type {Record<string, string>} */
  const descriptions = {};
  /** @type {Record<string, string>} */
  let metadata = {};
  /** @type {number | null} */
  let sottoEngineBytes = null;
  let variant = 0;

  const loads = collector(engines);
  const firstTokens = collector(engines);
  const coldPages = collector(engines);
  for (let round = 1; round <= rounds; round += 1) {
    report(`${threads} thread(s), load, round ${round} of ${rounds}`);
    for (const engine of engines) {
      const loaded = await attempt(engine.name, 'load', () => loadWith(engine, options, promptOf(16, variant)), {
        isFinal: true,
      });
      if (loaded === undefined) continue;
      loads.add(engine.name, loaded.loadMs);
      firstTokens.add(engine.name, loaded.loadMs + loaded.firstTokenMs);
      descriptions[engine.name] = loaded.description;
      metadata = { ...metadata, ...loaded.metadata };
      sottoEngineBytes = loaded.engineBytes ?? sottoEngineBytes;
      const { coldPage } = engine;
      if (!workload.measuresColdPage || coldPage === undefined) continue;
      const cold = await attempt(engine.name, 'new page', () => coldPage(options, promptOf(16, variant)));
      if (cold !== undefined) coldPages.add(engine.name, cold.firstTokenMs);
    }
    variant += 1;
  }
  keep(loads.row({ id: 'load', title: 'load from the browser’s storage', unit: 'ms', threads }));
  keep(firstTokens.row({ id: 'firstToken', title: 'load to first token', unit: 'ms', threads }));
  if (workload.measuresColdPage) {
    keep(coldPages.row({ id: 'coldFirstToken', title: 'new page to first token', unit: 'ms', threads }));
  }

  for (const phase of workload.phases) {
    const rates = collector(engines);
    for (let round = 1; round <= rounds; round += 1) {
      report(`${threads} thread(s), ${phase.title}, round ${round} of ${rounds}`);
      for (const engine of engines) {
        const prompt = promptOf(phase.promptTokens, phase.isPromptKept ? variant : variant + round);
        const expected = { engine: engine.name, ...phase, mayUseCache: phase.isPromptKept && round > 1 };
        const completion = await attempt(engine.name, phase.title, async () =>
          verified(await engine.complete({ prompt, maxTokens: phase.answerTokens }), expected),
        );
        if (completion === undefined) continue;
        const rate = phase.reads === 'decode' ? completion.decodeTokensPerSecond : completion.prefillTokensPerSecond;
        rates.add(engine.name, rate);
      }
    }
    variant += rounds + 1;
    keep(rates.row({ id: phase.id, title: phase.title, unit: 'tok/s', threads }));
  }
  if (workload.chat !== null) {
    const { firstTurn, answer, secondTurn } = workload.chat;
    const times = collector(engines);
    const tokens = firstTurn + answer;
    const title = `first token of turn 2 after ${tokens.toLocaleString('en')} tokens`;
    // Every engine answers with the pattern's next words, so the second turn begins with what its cache holds.
    const begun = promptOf(tokens, variant);
    for (const engine of engines) {
      const request = { prompt: promptOf(firstTurn, variant), maxTokens: answer };
      await attempt(engine.name, 'first turn of a chat', () => engine.complete(request));
    }
    for (let round = 1; round <= rounds; round += 1) {
      report(`${threads} thread(s), second turn of a chat, round ${round} of ${rounds}`);
      for (const engine of engines) {
        const prompt = begun + promptOf(secondTurn, variant + round);
        const expected = {
          engine: engine.name,
          promptTokens: tokens + secondTurn,
          answerTokens: 1,
          mayUseCache: true,
        };
        const completion = await attempt(engine.name, title, async () =>
          verified(await engine.complete({ prompt, maxTokens: 1 }), expected),
        );
        if (completion !== undefined) times.add(engine.name, completion.firstTokenMs);
      }
    }
    variant += rounds + 1;
    keep(times.row({ id: 'secondTurn', title, unit: 'ms', threads }));
  }
  const sotto = engines.find(({ name }) => name === 'sotto');
  for (const task of workload.tasks) {
    const title = `guessing ahead: ${task.id}, against without`;
    const row = await attempt('sotto', title, async () =>
      speculationRow(sotto, task, { title, threads, rounds, report }),
    );
    if (row !== undefined) keep(row);
  }
  const memory = collector(engines);
  for (const engine of engines) {
    const peakBytes = processMemory(engine.processId)?.peakBytes;
    if (peakBytes !== undefined && engine.emptyPageBytes !== null) {
      memory.add(engine.name, (peakBytes - engine.emptyPageBytes) / 1e6);
    }
  }
  keep(memory.row({ id: 'peakMemory', title: 'peak memory on top of an empty page', unit: 'MB', threads }));
  // After the memory: its pages may share the process.
  if (workload.documentTokens > 0) {
    const title = `new page to first token about ${workload.documentTokens.toLocaleString('en')} tokens, kept against read`;
    const documents = { options, tokens: workload.documentTokens, variant, title, rounds, report };
    const row = await attempt('sotto', title, async () => documentRow(sotto, documents));
    if (row !== undefined) keep(row);
  }
  return { rows, descriptions, metadata, sottoEngineBytes };
}

/** @param {Engine} engine @param {{ threads: number, contextLength: number }} options @param {string} prompt */
async function loadWith(engine, options, prompt) {
  const loaded = await engine.load(options);
  if (loaded.threads !== options.threads) {
    throw new Error(`it runs ${loaded.threads} threads instead of ${options.threads}`);
  }
  const { firstTokenMs } = await engine.complete({ prompt, maxTokens: 1 });
  return { ...loaded, firstTokenMs };
}

/**
 * How many times sooner Sotto has a text that repeats itself when it may guess: no peer takes part.
 * @param {Engine | undefined} sotto
 * @param {import('./workload.mjs').SpeculationTask} task
 * @param {{ title: string, threads: number, rounds: number, report: (line: string) => void }} options
 * @returns {Promise<Row | undefined>}
 */
async function speculationRow(sotto, { id, prompt, maxTokens }, { title, threads, rounds, report }) {
  if (sotto === undefined) return undefined;
  /** @type {Record<'auto' | 'off', number[]>} */
  const rates = { auto: [], off: [] };
  for (let round = 1; round <= rounds; round += 1) {
    report(`${threads} thread(s), guessing, ${id}, round ${round} of ${rounds}`);
    for (const speculation of /** @type {const} */ (['off', 'auto'])) {
      const completion = await sotto.complete({ prompt, maxTokens, speculation });
      rates[speculation].push(completion.decodeTokensPerSecond);
    }
  }
  const [auto, off] = [median(rates.auto), median(rates.off)];
  return { id: `speculation-${id}`, title, unit: 'tok/s', threads, sotto: auto, wllama: null, ratio: auto / off };
}

/**
 * How long a new page takes to answer about a long text whose reading was kept, and how many times sooner that is than
 * with the text to be read again.
 * @param {Engine | undefined} sotto
 * @param {{ options: { threads: number, contextLength: number }, tokens: number, variant: number, title: string, rounds: number,
 *   report: (line: string) => void }} wish
 * @returns {Promise<Row | undefined>}
 */
async function documentRow(sotto, { options, tokens, variant, title, rounds, report }) {
  const { keepText, forgetTexts, coldPage } = sotto ?? {};
  if (keepText === undefined || forgetTexts === undefined || coldPage === undefined) return undefined;
  /** @type {Record<'kept' | 'read', number[]>} */
  const times = { kept: [], read: [] };
  const question = promptOf(16, variant);
  const ask = async (/** @type {number} */ other, /** @type {boolean} */ isKept) => {
    const { firstTokenMs, cachedTokens } = await coldPage(options, promptOf(tokens, other) + question);
    if (cachedTokens >= tokens !== isKept) throw new Error(`${cachedTokens} of ${tokens} tokens were there`);
    times[isKept ? 'kept' : 'read'].push(firstTokenMs);
  };
  await keepText(promptOf(tokens, variant));
  for (let round = 1; round <= rounds; round += 1) {
    report(`${options.threads} thread(s), a long text after a reload, round ${round} of ${rounds}`);
    await ask(variant, true);
    await ask(variant + round, false);
  }
  await forgetTexts();
  const [kept, read] = [median(times.kept), median(times.read)];
  const { threads } = options;
  return { id: 'documentAfterReload', title, unit: 'ms', threads, sotto: kept, wllama: null, ratio: read / kept };
}

/** Values of all engines, until they become a row of medians. @param {readonly Engine[]} engines */
function collector(engines) {
  /** @type {Record<string, number[]>} */
  const values = {};
  const middle = (/** @type {string} */ name) => (values[name]?.length ? median(values[name]) : null);
  const others = engines.map(({ name }) => name).filter((name) => name !== 'sotto' && name !== 'wllama');
  return {
    add: (/** @type {string} */ name, /** @type {number} */ value) => {
      values[name] ??= [];
      values[name].push(value);
    },
    /** @param {Head} head @returns {Row} */
    row: (head) => {
      const [sotto, wllama] = [middle('sotto'), middle('wllama')];
      const isRate = head.unit === 'tok/s';
      const ratio = sotto === null || wllama === null ? null : isRate ? sotto / wllama : wllama / sotto;
      const peers =
        others.length === 0 ? {} : { peers: Object.fromEntries(others.map((name) => [name, middle(name)])) };
      return { ...head, sotto, wllama, ratio, ...peers };
    },
  };
}
