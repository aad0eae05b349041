import { Failure } from '../lib/failure.mjs';

/**
 * What a load says.
 * @typedef {object} Loaded
 * @property {number} loadMs From the call to a model that is ready, weights read from the browser's own storage.
 * @property {number} threads In use, not asked for.
 * @property {string} description
 * @property {number | null} engineBytes Memory the engine itself says it holds.
 * @property {Record<string, string>} metadata Of the GGUF file, where the engine tells it.
 */

/**
 * What one completion says.
 * @typedef {object} Completion
 * @property {number} promptTokens
 * @property {number} cachedTokens Prompt tokens that were in the KV cache already.
 * @property {number} completionTokens
 * @property {number} prefillTokensPerSecond
 * @property {number} decodeTokensPerSecond
 * @property {number} firstTokenMs From the call to the first piece of text in the page.
 * @property {number} wallMs From the call to the end, by the page's clock.
 */

/**
 * @typedef {object} CompletionRequest
 * @property {string} prompt
 * @property {number} maxTokens
 * @property {'auto' | 'off'} [speculation] Heeded by Sotto alone. Absent: off, because peers compute every token by itself.
 */

/**
 * An engine in a page of its own.
 * @typedef {object} Engine
 * @property {'sotto' | 'wllama' | 'onnxInt8' | 'onnxFp32' | 'native'} name
 * @property {import('playwright').Page | null} page Null for one outside the browser.
 * @property {number | null} processId Of the page's renderer, where the system tells it.
 * @property {number | null} emptyPageBytes What that process held before the engine came.
 * @property {(options: { threads: number, contextLength: number }) => Promise<Loaded>} load
 * @property {(request: CompletionRequest) => Promise<Completion>} complete
 * @property {(options: { threads: number, contextLength: number }, prompt: string) => Promise<{ firstTokenMs: number,
 *   cachedTokens: number }>} [coldPage] Milliseconds from the opening of another page to its first token, weights stored.
 * @property {(prompt: string) => Promise<void>} [keepText] Reads a text and keeps what was made of it beyond the page.
 * @property {() => Promise<void>} [forgetTexts]
 * @property {boolean} [keepsNothing] Reads every prompt from its beginning: a turn before it helps nothing.
 * @property {() => Promise<void>} unload
 * @property {() => void} [stop] Ends whatever it does, for good.
 */

/** The share by which an engine's own timings may differ from the page's clock, and the time a call may cost besides. */
const CLOCK_TOLERANCE = { share: 0.15, ms: 150 };

/**
 * Nothing is compared that was not measured alike: the counts must be those asked for, and the rates an engine reports
 * must add up to the time that passed.
 * @param {Completion} completion
 * @param {{ engine: string, promptTokens: number, answerTokens: number, mayUseCache: boolean }} expected
 * @returns {Completion}
 * @throws {Failure} saying what does not fit.
 */
export function verified(completion, { engine, promptTokens, answerTokens, mayUseCache }) {
  const wrong = (/** @type {string} */ what) => new Failure(`${engine}: ${what}. The comparison would not be fair.`);
  if (completion.promptTokens !== promptTokens) {
    throw wrong(`read ${completion.promptTokens} prompt tokens instead of ${promptTokens}`);
  }
  if (completion.completionTokens !== answerTokens) {
    throw wrong(`wrote ${completion.completionTokens} tokens instead of ${answerTokens}`);
  }
  if (!mayUseCache && completion.cachedTokens > 0) throw wrong(`took ${completion.cachedTokens} tokens from its cache`);

  const read = promptTokens - completion.cachedTokens;
  // One token comes with the prefill: whether its time counts to prefill or to decode, the sum is bounded by both.
  const seconds = read / completion.prefillTokensPerSecond + (answerTokens - 1) / completion.decodeTokensPerSecond;
  const claimedMs = (answerTokens > 1 ? seconds : read / completion.prefillTokensPerSecond) * 1000;
  if (
    claimedMs < completion.wallMs * (1 - CLOCK_TOLERANCE.share) - CLOCK_TOLERANCE.ms ||
    claimedMs > completion.wallMs * 1.02 + 5
  ) {
    throw wrong(`reports ${claimedMs.toFixed(0)} ms of work in ${completion.wallMs.toFixed(0)} ms`);
  }
  return completion;
}
