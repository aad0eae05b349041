import type { GenerateEvent, TokenLogprobs } from '../../protocol/index.ts';
import { StopMatcher, StreamingDetokenizer } from '../text/index.ts';

/**
 * Text is handed on at most 30 times a second: whoever hears of it needs a processor for a moment, which compute threads lose.
 * On two processors 60 times a second cost 4 % of the tokens. Slower models hand on every token at once.
 */
const FLUSH_INTERVAL_MS = 33;

/** Tokens → text as the reader sees it: whole characters, no part of a stop string, in batches. */
export class AnswerText {
  readonly #detokenizer = new StreamingDetokenizer();
  readonly #stops: StopMatcher;
  readonly #onEvent: (event: GenerateEvent) => void;
  #text = '';
  #waiting = '';
  #waitingTokens = 0;
  #waitingLogprobs: TokenLogprobs[] = [];
  #lastFlush = Number.NEGATIVE_INFINITY;

  constructor(stops: readonly string[], onEvent: (event: GenerateEvent) => void) {
    this.#stops = new StopMatcher(stops);
    this.#onEvent = onEvent;
  }

  /** All text so far. */
  get text(): string {
    return this.#text;
  }

  /** Takes the bytes of one token, and what is known of it; true when a stop string has been met. */
  push(bytes: Uint8Array, logprobs?: TokenLogprobs): boolean {
    if (logprobs !== undefined) this.#waitingLogprobs.push(logprobs);
    const { text, isStopped } = this.#stops.push(this.#detokenizer.push(bytes));
    this.#add(text);
    this.#waitingTokens += 1;
    if (performance.now() - this.#lastFlush >= FLUSH_INTERVAL_MS) this.#flush();
    return isStopped;
  }

  /** Ends the answer and hands on what was held back; true when only now a stop string is met. */
  end(): boolean {
    const { text, isStopped } = this.#stops.push(this.#detokenizer.flush());
    this.#add(text);
    if (!isStopped) this.#add(this.#stops.flush());
    this.#flush();
    return isStopped;
  }

  #add(text: string): void {
    this.#text += text;
    this.#waiting += text;
  }

  #flush(): void {
    if (this.#waiting === '' && this.#waitingLogprobs.length === 0) return;
    const logprobs = this.#waitingLogprobs;
    const delta = { type: 'text-delta', text: this.#waiting, tokens: this.#waitingTokens } as const;
    this.#onEvent(logprobs.length > 0 ? { ...delta, logprobs } : delta);
    this.#waiting = '';
    this.#waitingTokens = 0;
    this.#waitingLogprobs = [];
    this.#lastFlush = performance.now();
  }
}
