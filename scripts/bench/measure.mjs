import { verified } from './engine.mjs';
import { processMemory } from './memory.mjs';
import { median } from './statistics.mjs';
import { CONTEXT, PHASES, promptOf } from './workload.mjs';

/**
 * One line of the table: the same thing for both engines.
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string} unit
 * @property {number} threads
 * @property {number | null} sotto
 * @property {number | null} wllama
 * @property {number | null} ratio How many times better Sotto is: above 1 is better, for times and for memory too.
 */

/** @typedef {import('./engine.mjs').Engine} Engine */

/**
 * Measures both engines with one number of threads, taking turns within every round, and keeps the medians.
 * @param {{ sotto: Engine, wllama: Engine }} engines
 * @param {{ threads: number, rounds: number, report: (line: string) => void }} options
 * @returns {Promise<{ rows: Row[], descriptions: Record<string, string>, metadata: Record<string, string>, sottoEngineBytes: number | null }>}
 */
export async function measure(engines, { threads, rounds, report }) {
  const both = [engines.sotto, engines.wllama];
  /** @type {Row[]} */
  const rows = [];
  const options = { threads, contextLength: CONTEXT };
  /** @type {Record<string, string>} */
  const descriptions = {};
  /** @type {Record<string, string>} */
  let metadata = {};
  /** @type {number | null} */
  let sottoEngineBytes = null;
  let variant = 0;

  const loads = collector();
  const firstTokens = collector();
  for (let round = 1; round <= rounds; round += 1) {
    report(`${threads} thread(s), load, round ${round} of ${rounds}`);
    for (const engine of both) {
      const loaded = await engine.load(options);
      if (loaded.threads !== threads)
        throw new Error(`${engine.name} runs ${loaded.threads} threads instead of ${threads}`);
      const completion = await engine.complete({ prompt: promptOf(16, variant), maxTokens: 1 });
      loads.add(engine.name, loaded.loadMs);
      firstTokens.add(engine.name, loaded.loadMs + completion.firstTokenMs);
      descriptions[engine.name] = loaded.description;
      metadata = { ...metadata, ...loaded.metadata };
      sottoEngineBytes = loaded.engineBytes ?? sottoEngineBytes;
    }
    variant += 1;
  }
  rows.push(loads.row({ id: 'load', title: 'load from the browser’s storage', unit: 'ms', threads }));
  rows.push(firstTokens.row({ id: 'firstToken', title: 'load to first token', unit: 'ms', threads }));

  for (const phase of PHASES) {
    const rates = collector();
    for (let round = 1; round <= rounds; round += 1) {
      report(`${threads} thread(s), ${phase.title}, round ${round} of ${rounds}`);
      for (const engine of both) {
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

  const memory = collector();
  for (const engine of both) {
    const peakBytes = processMemory(engine.processId)?.peakBytes;
    if (peakBytes !== undefined && engine.emptyPageBytes !== null) {
      memory.add(engine.name, (peakBytes - engine.emptyPageBytes) / 1e6);
    }
  }
  rows.push(memory.row({ id: 'peakMemory', title: 'peak memory on top of an empty page', unit: 'MB', threads }));
  return { rows, descriptions, metadata, sottoEngineBytes };
}

/** Values of both engines, until they become a row of medians. */
function collector() {
  /** @type {Record<string, number[]>} */
  const values = { sotto: [], wllama: [] };
  const middle = (/** @type {string} */ name) => (values[name]?.length ? median(values[name]) : null);
  return {
    add: (/** @type {string} */ name, /** @type {number} */ value) => void values[name]?.push(value),
    row: (/** @type {Pick<Row, 'id' | 'title' | 'unit' | 'threads'>} */ head) => {
      const [sotto, wllama] = [middle('sotto'), middle('wllama')];
      const isRate = head.unit === 'tok/s';
      const ratio = sotto === null || wllama === null ? null : isRate ? sotto / wllama : wllama / sotto;
      return { ...head, sotto, wllama, ratio };
    },
  };
}
