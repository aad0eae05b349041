/**
 * What is measured. Prompts are lists of common words, one token each in the vocabularies at hand, so that a prompt has
 * exactly the length asked for; every run checks the counts the engines report and stops when they differ.
 */
const PATTERN = ['one', 'two', 'three', 'four', 'five', 'six'];

/**
 * First words, more than a run has prompts: a prompt that begins like no other finds nothing of itself in a cache, and
 * llama.cpp keeps the prompts of several requests ago.
 */
const OPENINGS = (
  'red blue green black white good bad big small old new long short high low open ' +
  'time year day way man world life hand part place case week company system program question ' +
  'work government number night point home water room mother area money story fact month lot right ' +
  'study book eye job word business issue side kind head house service friend father power hour ' +
  'game line end member law car city community name'
).split(' ');

/**
 * A text of exactly `tokens` tokens that a model keeps continuing in the same pattern, so that no answer ends early.
 * @param {number} tokens
 * @param {number} variant Prompts of different variants, of as many as there are openings, differ from the first token on.
 * @returns {string}
 */
export function promptOf(tokens, variant) {
  const words = [OPENINGS[variant % OPENINGS.length]];
  while (words.length < tokens) words.push(PATTERN[(words.length - 1) % PATTERN.length]);
  return words.map((word) => ` ${word}`).join('');
}

/**
 * One thing that is measured.
 * @typedef {object} Phase
 * @property {string} id `decodeN` or `prefillN`, N tokens of prompt.
 * @property {string} title
 * @property {'decode' | 'prefill'} reads Which of the two rates of a run.
 * @property {number} promptTokens
 * @property {number} answerTokens
 * @property {boolean} isPromptKept The same prompt each round, so that a long one is read into the KV cache only once.
 */

/** @param {number} tokens @param {boolean} isPromptKept @returns {Phase} */
function decodeAt(tokens, isPromptKept) {
  const title = `decode at ${tokens.toLocaleString('en')} tokens`;
  return { id: `decode${tokens}`, title, reads: 'decode', promptTokens: tokens, answerTokens: 32, isPromptKept };
}

/** @param {number} tokens @returns {Phase} */
function prefillOf(tokens) {
  const title = `prefill of ${tokens.toLocaleString('en')} tokens`;
  return {
    id: `prefill${tokens}`,
    title,
    reads: 'prefill',
    promptTokens: tokens,
    answerTokens: 1,
    isPromptKept: false,
  };
}

/**
 * What one run of the benchmark does.
 * @typedef {object} Workload
 * @property {number} contextLength Tokens of context that engines reserve.
 * @property {readonly Phase[]} phases
 * @property {{ readonly firstTurn: number, readonly answer: number, readonly secondTurn: number } | null} chat Tokens of a
 *   chat whose second turn is timed: the first turn, its answer, what is added.
 * @property {readonly SpeculationTask[]} tasks Texts that repeat what they have.
 * @property {number} documentTokens Length of a text whose reading is kept across a reload; 0: none.
 * @property {boolean} measuresColdPage Whether the first token is also timed from a page that has just been opened.
 */

/** @type {Workload} */
export const QUICK = {
  contextLength: 2048,
  phases: [decodeAt(16, false), decodeAt(1000, true), prefillOf(128), prefillOf(512)],
  chat: null,
  tasks: [],
  documentTokens: 0,
  measuresColdPage: false,
};

/** @typedef {{ readonly id: string, readonly prompt: string, readonly maxTokens: number }} SpeculationTask */

const PASSAGE = `The harbour of the old town was built in 1834, when ships still came under sail. Its two piers are 212 and 187 \
metres long; the lighthouse at the end of the longer one was lit for the first time on 3 October 1841. After the great storm \
of 1902 the northern pier had to be built anew, and since then a plaque names the eleven masons who worked on it. Today \
mostly small boats lie there, and in summer a ferry leaves for the islands twice a day.`;

const RECORDS = `[{"name": "Ada Lovelace", "born": 1815, "city": "London"}, {"name": "Carl Gauss", "born": 1777, "city": "Brunswick"}, \
{"name": "Emmy Noether", "born": 1882, "city": "Erlangen"}, {"name": "Alan Turing", "born": 1912, "city": "London"}]`;

const CODE = `function total(items) {
  let sum = 0;
  for (const item of items) {
    if (item.price > 0) sum += item.price * item.count;
  }
  return sum;
}`;

/** Copying, extracting, editing: what most documents, tables and programs ask of a model. @type {readonly SpeculationTask[]} */
const TASKS = [
  { id: 'copy', prompt: `Text:\n${PASSAGE}\n\nThe same text once more:\n${PASSAGE.slice(0, 60)}`, maxTokens: 96 },
  { id: 'records', prompt: `Records:\n${RECORDS}\n\nThe same records:\n[{"name": "Ada`, maxTokens: 80 },
  {
    id: 'code',
    prompt: `${CODE}\n\n// The same function with "amount" for "count":\nfunction total(items) {\n`,
    maxTokens: 64,
  },
];

/** @type {Workload} */
export const FULL = {
  contextLength: 4608,
  phases: [
    decodeAt(16, false),
    decodeAt(1000, true),
    decodeAt(4000, true),
    prefillOf(128),
    prefillOf(512),
    prefillOf(2048),
  ],
  chat: { firstTurn: 2000, answer: 8, secondTurn: 32 },
  tasks: TASKS,
  documentTokens: 4000,
  measuresColdPage: true,
};

/**
 * What is left of a workload where some rows alone are wanted; loads are always measured, nothing runs without one.
 * @param {Workload} workload
 * @param {readonly string[]} ids As they stand in a result's rows.
 * @returns {Workload}
 */
export function only(workload, ids) {
  return {
    ...workload,
    phases: workload.phases.filter(({ id }) => ids.includes(id)),
    chat: ids.includes('secondTurn') ? workload.chat : null,
    tasks: workload.tasks.filter(({ id }) => ids.includes(`speculation-${id}`)),
    documentTokens: ids.includes('documentAfterReload') ? workload.documentTokens : 0,
    measuresColdPage: workload.measuresColdPage && ids.includes('coldFirstToken'),
  };
}

/** @param {Workload} workload Names that `only` knows. */
export function rowIds({ phases, tasks, chat, documentTokens, measuresColdPage }) {
  return [
    ...phases.map(({ id }) => id),
    ...tasks.map(({ id }) => `speculation-${id}`),
    ...(measuresColdPage ? ['coldFirstToken'] : []),
    ...(chat === null ? [] : ['secondTurn']),
    ...(documentTokens === 0 ? [] : ['documentAfterReload']),
  ];
}

/** Whether a workload has rows in which others take part. @param {Workload} workload */
export function isCompared({ phases, chat, measuresColdPage }) {
  return phases.length > 0 || chat !== null || measuresColdPage;
}
