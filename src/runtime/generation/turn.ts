import type { FinishReason, GenerateEvent, GenerateRequest, GenerateResult } from '../../protocol/index.ts';
import { AnswerText } from './answer-text.ts';
import { PENALTY_WINDOW } from './penalties.ts';
import { Sampler } from './sampler.ts';

/** One prompt and its answer in the making: tokens, text and times. */
export class Turn {
  readonly #maxTokens: number;
  readonly #sampler: Sampler;
  readonly #answer: AnswerText;
  readonly #tokens: number[] = [];
  readonly #started = performance.now();
  #prompt: readonly number[] = [];
  #cachedTokens = 0;
  #prefillStarted = 0;
  #firstToken = 0;

  constructor(request: GenerateRequest, vocabularySize: number, onEvent: (event: GenerateEvent) => void) {
    this.#maxTokens = request.maxTokens;
    this.#sampler = new Sampler(request.sampling, vocabularySize);
    this.#answer = new AnswerText(request.stop, onEvent);
  }

  /** Begins to read the prompt, of which the cache holds `cachedTokens`. */
  startPrefill(prompt: readonly number[], cachedTokens: number): void {
    this.#prompt = prompt;
    this.#cachedTokens = cachedTokens;
    this.#prefillStarted = performance.now();
    for (const token of prompt.slice(-PENALTY_WINDOW)) this.#sampler.accept(token);
  }

  /** Chooses the next token of the answer; it belongs to the answer once it is accepted. */
  sample(logits: Float32Array): number {
    const token = this.#sampler.sample(logits);
    if (this.#firstToken === 0) this.#firstToken = performance.now();
    return token;
  }

  /** Adds a token to the answer; true when it completes a stop string. */
  accept(token: number, bytes: Uint8Array): boolean {
    this.#tokens.push(token);
    this.#sampler.accept(token);
    return this.#answer.push(bytes);
  }

  /** Whether the answer has all the tokens that were asked for. */
  get isFull(): boolean {
    return this.#tokens.length >= this.#maxTokens;
  }

  /** Ends the answer. */
  result(reason: FinishReason): GenerateResult {
    const now = performance.now();
    const isStopped = this.#answer.end();
    const hasFirst = this.#firstToken !== 0;
    const readTokens = hasFirst ? this.#prompt.length - this.#cachedTokens : 0;
    return {
      text: this.#answer.text,
      tokenIds: this.#tokens,
      promptTokenIds: this.#prompt,
      finishReason: isStopped && reason === 'length' ? 'stop' : reason,
      timings: {
        promptTokens: this.#prompt.length,
        cachedTokens: this.#cachedTokens,
        completionTokens: this.#tokens.length,
        firstTokenMs: hasFirst ? this.#firstToken - this.#started : 0,
        prefillTokensPerSecond: rate(readTokens, this.#firstToken - this.#prefillStarted),
        // The first token comes out of the prefill; each later one took one step.
        decodeTokensPerSecond: rate(this.#tokens.length - 1, now - this.#firstToken),
      },
    };
  }
}

/** The result of a call that was aborted before it began. */
export function unstartedResult(): GenerateResult {
  const timings = {
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    firstTokenMs: 0,
    prefillTokensPerSecond: 0,
    decodeTokensPerSecond: 0,
  };
  return { text: '', tokenIds: [], promptTokenIds: [], finishReason: 'abort', timings };
}

function rate(tokens: number, milliseconds: number): number {
  return tokens > 0 && milliseconds > 0 ? (1_000 * tokens) / milliseconds : 0;
}
