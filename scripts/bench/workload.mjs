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
 * @property {'decode16' | 'decode1000' | 'prefill128' | 'prefill512'} id
 * @property {string} title
 * @property {'decode' | 'prefill'} reads Which of the two rates of a run.
 * @property {number} promptTokens
 * @property {number} answerTokens
 * @property {boolean} isPromptKept The same prompt each round, so that a long one is read into the KV cache only once.
 */

/** Tokens of context both engines reserve. */
export const CONTEXT = 2048;

/** @type {readonly Phase[]} */
export const PHASES = [
  {
    id: 'decode16',
    title: 'decode at 16 tokens',
    reads: 'decode',
    promptTokens: 16,
    answerTokens: 32,
    isPromptKept: false,
  },
  {
    id: 'decode1000',
    title: 'decode at 1,000 tokens',
    reads: 'decode',
    promptTokens: 1000,
    answerTokens: 32,
    isPromptKept: true,
  },
  {
    id: 'prefill128',
    title: 'prefill of 128 tokens',
    reads: 'prefill',
    promptTokens: 128,
    answerTokens: 1,
    isPromptKept: false,
  },
  {
    id: 'prefill512',
    title: 'prefill of 512 tokens',
    reads: 'prefill',
    promptTokens: 512,
    answerTokens: 1,
    isPromptKept: false,
  },
];
