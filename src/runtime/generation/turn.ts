import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  RefusedReading,
  TokenLogprobs,
  TokenProbability,
} from '../../protocol/index.ts';
import type { AheadStep, ExactLogits } from '../backends/decoder-backend.ts';
import { AnswerText } from './answer-text.ts';
import { logProbabilities, PENALTY_WINDOW, Sampler, type TokenMask } from './sampling/index.ts';
import type { SpeculationCounts } from './speculation/index.ts';
import type { ThinkingBudget } from './thinking-budget.ts';
import type { AnswerTokens } from './visible-tokens.ts';

/** What a turn is made from. */
export interface TurnOptions {
  readonly request: GenerateRequest;
  readonly tokens: AnswerTokens;
  readonly vocabularySize: number;
  readonly mask: TokenMask | undefined;
  /** How long the model may think; undefined: as long as it likes. */
  readonly thinking?: ThinkingBudget | undefined;
  readonly onEvent: (event: GenerateEvent) => void;
}

/** One prompt and its answer in the making: tokens, text and times. */
export class Turn {
  readonly #maxTokens: number;
  readonly #sampler: Sampler;
  readonly #answer: AnswerText;
  readonly #answerTokens: AnswerTokens;
  readonly #mask: TokenMask | undefined;
  readonly #thinking: ThinkingBudget | undefined;
  readonly #topLogprobs: number | undefined;
  readonly #tokens: number[] = [];
  /** What the last pass was asked for. */
  #deciding: ExactLogits | undefined;
  readonly #logprobs: TokenLogprobs[] = [];
  /** What is known of the token that was sampled last. */
  #sampled: TokenLogprobs | undefined;
  readonly #started = performance.now();
  #prompt: readonly number[] = [];
  #cachedTokens = 0;
  #refusedReading: RefusedReading | undefined;
  #prefillStarted = 0;
  #firstToken = 0;
  #dropped = 0;

  constructor({ request, tokens, vocabularySize, mask, thinking, onEvent }: TurnOptions) {
    this.#maxTokens = request.maxTokens;
    this.#topLogprobs = request.topLogprobs;
    this.#answerTokens = tokens;
    this.#mask = mask;
    this.#thinking = thinking;
    this.#sampler = new Sampler(request.sampling, vocabularySize);
    this.#answer = new AnswerText(request.stop, onEvent);
  }

  /** A text that was kept held the beginning of the prompt, and could not be used. */
  refuseReading(reason: RefusedReading): void {
    this.#refusedReading = reason;
  }

  /** Begins to read the prompt, of which the cache holds `cachedTokens`. */
  startPrefill(prompt: readonly number[], cachedTokens: number): void {
    this.#prompt = prompt;
    this.#cachedTokens = cachedTokens;
    this.#prefillStarted = performance.now();
    for (const token of prompt.slice(-PENALTY_WINDOW)) this.#sampler.accept(token);
  }

  /**
   * Tokens that a mask says must come next; they belong to the answer once they are accepted. None where log-probabilities
   * were asked for, which only a step of the model gives.
   */
  get forced(): readonly number[] {
    return this.#topLogprobs === undefined ? (this.#mask?.forced() ?? []) : [];
  }

  /** Chooses the next token of the answer; it belongs to the answer once it is accepted. */
  sample(logits: Float32Array): number {
    const { candidates = [] } = this.#deciding ?? {};
    this.#deciding = undefined;
    const token = this.#thinking?.next ?? this.#draw(logits, candidates);
    if (this.#topLogprobs !== undefined) this.#sampled = this.#describe(logits, token, this.#topLogprobs);
    if (this.#firstToken === 0) this.#firstToken = performance.now();
    return token;
  }

  /** The logits that the next token is chosen by; undefined: all. For the pass that computes them, which lists them if it can. */
  decide(): ExactLogits | undefined {
    this.#deciding = this.#mask === undefined && this.#topLogprobs === undefined ? this.#sampler.deciding : undefined;
    return this.#deciding;
  }

  #draw(logits: Float32Array, candidates: readonly number[]): number {
    if (candidates.length > 0) return this.#sampler.sampleListed(logits, candidates);
    return this.#sampler.sample(logits, this.#mask?.allowed());
  }

  /** How an engine may choose tokens by itself; undefined where only logits will do. */
  get ahead(): Sampler['ahead'] {
    const isFree = this.#mask === undefined && this.#topLogprobs === undefined && (this.#thinking?.isOver ?? true);
    return isFree ? this.#sampler.ahead : undefined;
  }

  /** The next token of the answer where an engine has chosen one: its own at temperature 0, else drawn again. */
  choose({ token, candidates }: AheadStep): number {
    return candidates === undefined ? token : this.#sampler.sampleAmong(candidates);
  }

  /** Adds a token to the answer; true when it completes a stop string. */
  accept(token: number): boolean {
    const previous = this.#tokens.at(-1) ?? this.#prompt.at(-1);
    this.#tokens.push(token);
    this.#sampler.accept(token);
    this.#mask?.accept(token);
    if (this.#sampled !== undefined) this.#logprobs.push(this.#sampled);
    const bytes = this.#answerTokens.tokenBytes(token, previous);
    this.#thinking?.accept(bytes);
    return this.#answer.push(bytes, this.#sampled);
  }

  #describe(logits: Float32Array, token: number, count: number): TokenLogprobs {
    const { chosen, top } = logProbabilities(logits, token, count);
    const report = ([tokenId, logprob]: readonly [number, number]): TokenProbability => ({
      tokenId,
      bytes: this.#answerTokens.tokenBytes(tokenId),
      logprob,
    });
    return { ...report(chosen), top: top.map(report) };
  }

  /** Records that tokens were forgotten so that the answer can go on. */
  drop(tokens: number): void {
    this.#dropped += tokens;
  }

  /** Whether the answer has all the tokens that were asked for. */
  get isFull(): boolean {
    return this.#tokens.length >= this.#maxTokens;
  }

  /** How many more tokens were asked for. */
  get tokensLeft(): number {
    return this.#maxTokens - this.#tokens.length;
  }

  /** Ends the answer. */
  result(reason: FinishReason, speculation?: SpeculationCounts): GenerateResult {
    const now = performance.now();
    const isStopped = this.#answer.end();
    const hasFirst = this.#firstToken !== 0;
    const readTokens = hasFirst ? this.#prompt.length - this.#cachedTokens : 0;
    return {
      text: this.#answer.text,
      tokenIds: this.#tokens,
      promptTokenIds: this.#prompt,
      finishReason: isStopped && reason === 'length' ? 'stop' : reason,
      ...(this.#topLogprobs === undefined ? {} : { logprobs: this.#logprobs }),
      ...(this.#dropped === 0 ? {} : { droppedTokens: this.#dropped }),
      timings: {
        promptTokens: this.#prompt.length,
        cachedTokens: this.#cachedTokens,
        ...(this.#refusedReading === undefined ? {} : { refusedReading: this.#refusedReading }),
        completionTokens: this.#tokens.length,
        firstTokenMs: hasFirst ? this.#firstToken - this.#started : 0,
        prefillTokensPerSecond: rate(readTokens, this.#firstToken - this.#prefillStarted),
        // The first token comes out of the prefill; each later one took one step.
        decodeTokensPerSecond: rate(this.#tokens.length - 1, now - this.#firstToken),
        ...(speculation === undefined ? {} : { speculation }),
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
