import { createAttempts, TIME_IS_OVER } from './attempts.mjs';
import { verified } from './engine.mjs';
import { processMemory } from './memory.mjs';
import { documentRow, speculationRow } from './own-rows.mjs';
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

/** A call that takes so long is made once and not in every round: its length evens out what else the machine does. */
const ONCE_FROM_MS = 20_000;

/**
 * Measures engines with one number of threads, taking turns within every round, and keeps the medians. A row lacks the
 * value of an engine that failed in it.
 * @param {readonly Engine[]} engines
 * @param {{ threads: number, rounds: number, workload: import('./workload.mjs').Workload, report: (line: string) => void,
 *   failures: import('./attempts.mjs').BenchFailure[], onRow?: (row: Row) => void, signal?: AbortSignal, onceFromMs?: number }} options
 *   `signal`: aborted when the time is over; what was not begun by then is left out.
 * @returns {Promise<{ rows: Row[], descriptions: Record<string, string>, metadata: Record<string, string>, sottoEngineBytes: number | null }>}
 */
export async function measure(engines, options) {
  const { threads, rounds, workload, report, failures, onRow = () => {}, signal, onceFromMs = ONCE_FROM_MS } = options;
  /** @type {Row[]} */
  const rows = [];
  const keep = (/** @type {Row} */ row) => {
    rows.push(row);
    onRow(row);
  };
  const stop = (/** @type {string} */ name) => engines.find((engine) => engine.name === name)?.stop?.();
  const { attempt } = createAttempts({ threads, report, failures, stop, ...(signal && { signal }) });
  /** True where there is time for it; says so where there is none. */
  const hasTimeFor = (/** @type {string} */ what) => {
    if (signal?.aborted) failures.push({ engine: 'all', threads, what, reason: TIME_IS_OVER });
    return !signal?.aborted;
  };
  const loading = { threads, contextLength: workload.contextLength };
  /** @type {Record<string, string>} */
  const descriptions = {};
  /** @type {Record<string, string>} */
  let metadata = {};
  /** @type {number | null} */
  let sottoEngineBytes = null;
  let variant = 0;

  /**
   * All engines in turns, round after round.
   * @param {string} title
   * @param {(engine: Engine, round: number) => Promise<void>} work
   */
  const inRounds = async (title, work) => {
    /** @type {Set<Engine>} */
    const slow = new Set();
    for (let round = 1; round <= rounds && !signal?.aborted; round += 1) {
      report(`${threads} thread(s), ${title}, round ${round} of ${rounds}`);
      for (const engine of engines) {
        if (slow.has(engine)) continue;
        const started = performance.now();
        await work(engine, round);
        if (performance.now() - started > onceFromMs) slow.add(engine);
      }
    }
  };

  const loads = collector(engines);
  const firstTokens = collector(engines);
  const coldPages = collector(engines);
  await inRounds('load', async (engine, round) => {
    const prompt = promptOf(16, variant + round);
    const loaded = await attempt(engine.name, 'load', () => loadWith(engine, loading, prompt), { isFinal: true });
    if (loaded === undefined) return;
    loads.add(engine.name, loaded.loadMs);
    firstTokens.add(engine.name, loaded.loadMs + loaded.firstTokenMs);
    descriptions[engine.name] = loaded.description;
    metadata = { ...metadata, ...loaded.metadata };
    sottoEngineBytes = loaded.engineBytes ?? sottoEngineBytes;
    const { coldPage } = engine;
    if (!workload.measuresColdPage || coldPage === undefined) return;
    const cold = await attempt(engine.name, 'new page', () => coldPage(loading, prompt));
    if (cold !== undefined) coldPages.add(engine.name, cold.firstTokenMs);
  });
  variant += rounds + 1;
  keep(loads.row({ id: 'load', title: 'load from the browser’s storage', unit: 'ms', threads }));
  keep(firstTokens.row({ id: 'firstToken', title: 'load to first token', unit: 'ms', threads }));
  if (workload.measuresColdPage) {
    keep(coldPages.row({ id: 'coldFirstToken', title: 'new page to first token', unit: 'ms', threads }));
  }

  const measurePhase = async (/** @type {import('./workload.mjs').Phase} */ phase) => {
    const rates = collector(engines);
    await inRounds(phase.title, async (engine, round) => {
      const prompt = promptOf(phase.promptTokens, phase.isPromptKept ? variant : variant + round);
      const expected = { engine: engine.name, ...phase, mayUseCache: phase.isPromptKept && round > 1 };
      const completion = await attempt(engine.name, phase.title, async () =>
        verified(await engine.complete({ prompt, maxTokens: phase.answerTokens }), expected),
      );
      if (completion === undefined) return;
      const rate = phase.reads === 'decode' ? completion.decodeTokensPerSecond : completion.prefillTokensPerSecond;
      rates.add(engine.name, rate);
    });
    variant += rounds + 1;
    if (rates.hasAny) keep(rates.row({ id: phase.id, title: phase.title, unit: 'tok/s', threads }));
  };
  const measureChat = async (/** @type {NonNullable<import('./workload.mjs').Workload['chat']>} */ chat) => {
    const { firstTurn, answer, secondTurn } = chat;
    const times = collector(engines);
    const tokens = firstTurn + answer;
    const title = chatTitle(chat);
    // Every engine answers with the pattern's next words, so the second turn begins with what its cache holds.
    const begun = promptOf(tokens, variant);
    for (const engine of engines) {
      if (engine.keepsNothing) continue;
      report(`${threads} thread(s), first turn of a chat, ${engine.name}`);
      const request = { prompt: promptOf(firstTurn, variant), maxTokens: answer };
      await attempt(engine.name, 'first turn of a chat', () => engine.complete(request));
    }
    await inRounds('second turn of a chat', async (engine, round) => {
      const prompt = begun + promptOf(secondTurn, variant + round);
      const promptTokens = tokens + secondTurn;
      const expected = { engine: engine.name, promptTokens, answerTokens: 1, mayUseCache: true };
      const completion = await attempt(engine.name, title, async () =>
        verified(await engine.complete({ prompt, maxTokens: 1 }), expected),
      );
      if (completion !== undefined) times.add(engine.name, completion.firstTokenMs);
    });
    variant += rounds + 1;
    if (times.hasAny) keep(times.row({ id: 'secondTurn', title, unit: 'ms', threads }));
  };
  const sotto = engines.find(({ name }) => name === 'sotto');
  const own = async (/** @type {string} */ title, /** @type {(sotto: Engine) => Promise<Row>} */ rowOf) => {
    if (sotto === undefined || !hasTimeFor(title)) return;
    const row = await attempt('sotto', title, () => rowOf(sotto));
    if (row !== undefined) keep(row);
  };

  // In order of importance, for a run whose time is limited: what is short and asked for first, long texts last.
  const [short, long] = [workload.phases.filter(isShort), workload.phases.filter((phase) => !isShort(phase))];
  for (const phase of short) if (hasTimeFor(phase.title)) await measurePhase(phase);
  for (const task of workload.tasks) {
    const title = `guessing ahead: ${task.id}, against without`;
    await own(title, (engine) => speculationRow(engine, task, { title, threads, rounds, report }));
  }
  const { chat } = workload;
  if (chat !== null && hasTimeFor(chatTitle(chat))) await measureChat(chat);
  for (const phase of long) if (hasTimeFor(phase.title)) await measurePhase(phase);

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
    const documents = { options: loading, tokens: workload.documentTokens, variant, title, rounds, report };
    await own(title, (engine) => documentRow(engine, documents));
  }
  return { rows, descriptions, metadata, sottoEngineBytes };
}

const isShort = (/** @type {import('./workload.mjs').Phase} */ { promptTokens }) => promptTokens <= 1000;

/** @param {NonNullable<import('./workload.mjs').Workload['chat']>} chat */
function chatTitle({ firstTurn, answer }) {
  return `first token of turn 2 after ${(firstTurn + answer).toLocaleString('en')} tokens`;
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

/** Values of all engines, until they become a row of medians. @param {readonly Engine[]} engines */
function collector(engines) {
  /** @type {Record<string, number[]>} */
  const values = {};
  const middle = (/** @type {string} */ name) => (values[name]?.length ? median(values[name]) : null);
  const others = engines.map(({ name }) => name).filter((name) => name !== 'sotto' && name !== 'wllama');
  return {
    get hasAny() {
      return Object.keys(values).length > 0;
    },
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
