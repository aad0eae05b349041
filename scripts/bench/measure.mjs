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
 * Measures engines with one number of threads, taking turns within every round, and keeps the medians.
 * @param {readonly Engine[]} engines
 * @param {{ threads: number, rounds: number, workload: import('./workload.mjs').Workload, report: (line: string) => void }} options
 * @returns {Promise<{ rows: Row[], descriptions: Record<string, string>, metadata: Record<string, string>, sottoEngineBytes: number | null }>}
 */
export async function measure(engines, { threads, rounds, workload, report }) {
  /** @type {Row[]} */
  const rows = [];
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
      const loaded = await engine.load(options);
      if (loaded.threads !== threads)
        throw new Error(`${engine.name} runs ${loaded.threads} threads instead of ${threads}`);
      const completion = await engine.complete({ prompt: promptOf(16, variant), maxTokens: 1 });
      loads.add(engine.name, loaded.loadMs);
      firstTokens.add(engine.name, loaded.loadMs + completion.firstTokenMs);
      descriptions[engine.name] = loaded.description;
      metadata = { ...metadata, ...loaded.metadata };
      sottoEngineBytes = loaded.engineBytes ?? sottoEngineBytes;
      if (workload.measuresColdPage && engine.coldPage !== undefined) {
        coldPages.add(engine.name, await engine.coldPage(options, promptOf(16, variant)));
      }
    }
    variant += 1;
  }
  rows.push(loads.row({ id: 'load', title: 'load from the browser’s storage', unit: 'ms', threads }));
  rows.push(firstTokens.row({ id: 'firstToken', title: 'load to first token', unit: 'ms', threads }));
  if (workload.measuresColdPage) {
    rows.push(coldPages.row({ id: 'coldFirstToken', title: 'new page to first token', unit: 'ms', threads }));
  }

  for (const phase of workload.phases) {
    const rates = collector(engines);
    for (let round = 1; round <= rounds; round += 1) {
      report(`${threads} thread(s), ${phase.title}, round ${round} of ${rounds}`);
      for (const engine of engines) {
        const prompt = promptOf(phase.promptTokens, phase.isPromptKept ? variant : variant + round);
        const completion = verified(await engine.complete({ prompt, maxTokens: phase.answerTokens }), {
          engine: engine.name,
          ...phase,
          mayUseCache: phase.isPromptKept && round > 1,
        });
        const rate = phase.reads === 'decode' ? completion.decodeTokensPerSecond : completion.prefillTokensPerSecond;
        rates.add(engine.name, rate);
      }
    }
    variant += rounds + 1;
    rows.push(rates.row({ id: phase.id, title: phase.title, unit: 'tok/s', threads }));
  }
  if (workload.chat !== null) {
    const { firstTurn, answer, secondTurn } = workload.chat;
    const times = collector(engines);
    const tokens = firstTurn + answer;
    // Every engine answers with the pattern's next words, so the second turn begins with what its cache holds.
    const begun = promptOf(tokens, variant);
    for (const engine of engines) await engine.complete({ prompt: promptOf(firstTurn, variant), maxTokens: answer });
    for (let round = 1; round <= rounds; round += 1) {
      report(`${threads} thread(s), second turn of a chat, round ${round} of ${rounds}`);
      for (const engine of engines) {
        const prompt = begun + promptOf(secondTurn, variant + round);
        const completion = verified(await engine.complete({ prompt, maxTokens: 1 }), {
          engine: engine.name,
          promptTokens: tokens + secondTurn,
          answerTokens: 1,
          mayUseCache: true,
        });
        times.add(engine.name, completion.firstTokenMs);
      }
    }
    const title = `first token of turn 2 after ${tokens.toLocaleString('en')} tokens`;
    rows.push(times.row({ id: 'secondTurn', title, unit: 'ms', threads }));
  }
  for (const task of workload.tasks) rows.push(await speculationRow(engines, task, { threads, rounds, report }));

  const memory = collector(engines);
  for (const engine of engines) {
    const peakBytes = processMemory(engine.processId)?.peakBytes;
    if (peakBytes !== undefined && engine.emptyPageBytes !== null) {
      memory.add(engine.name, (peakBytes - engine.emptyPageBytes) / 1e6);
    }
  }
  rows.push(memory.row({ id: 'peakMemory', title: 'peak memory on top of an empty page', unit: 'MB', threads }));
  return { rows, descriptions, metadata, sottoEngineBytes };
}

/**
 * How many times sooner Sotto has a text that repeats itself when it may guess: no peer takes part.
 * @param {readonly Engine[]} engines
 * @param {import('./workload.mjs').SpeculationTask} task
 * @param {{ threads: number, rounds: number, report: (line: string) => void }} options
 * @returns {Promise<Row>}
 */
async function speculationRow(engines, { id, prompt, maxTokens }, { threads, rounds, report }) {
  const sotto = engines.find(({ name }) => name === 'sotto');
  /** @type {Record<'auto' | 'off', number[]>} */
  const rates = { auto: [], off: [] };
  for (let round = 1; round <= rounds; round += 1) {
    report(`${threads} thread(s), guessing, ${id}, round ${round} of ${rounds}`);
    for (const speculation of /** @type {const} */ (['off', 'auto'])) {
      const completion = await sotto?.complete({ prompt, maxTokens, speculation });
      if (completion !== undefined) rates[speculation].push(completion.decodeTokensPerSecond);
    }
  }
  const [auto, off] = [median(rates.auto), median(rates.off)];
  const title = `guessing ahead: ${id}, against without`;
  return { id: `speculation-${id}`, title, unit: 'tok/s', threads, sotto: auto, wllama: null, ratio: auto / off };
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
