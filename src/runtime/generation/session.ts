import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  PromptPiece,
} from '../../protocol/index.ts';
import { isAbortError, throwIfAborted } from '../../shared/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import type { Tokenizer } from '../text/index.ts';
import { checkGenerateRequest } from './check-generate-request.ts';
import { encodeInSlices, encodePrompt } from './encode-prompt.ts';
import { EventLoopPause } from './event-loop.ts';
import type { TokenMask } from './sampling/index.ts';
import { Turn } from './turn.ts';

/** Prompt tokens a forward call: small enough for progress several times a second, whole chunks for every engine. */
const PREFILL_STEP = 256;

export interface GenerateOptions {
  readonly onEvent?: ((event: GenerateEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the answer must look like; used up by it. */
  readonly mask?: TokenMask | undefined;
}

/** One conversation's worth of KV cache: what it holds from the call before is not computed again. */
export interface Session {
  /**
   * Prompt → answer. `tokenIds` of the result are the answer's own tokens, without the end token; `completionTokens`
   * counts them. An abort resolves with the text so far. Rejects with `invalid-option`, `empty-prompt`,
   * `prompt-too-long`, `numeric-fault` and what the engine rejects with; after any of these the session can be used on.
   * One call at a time.
   */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<GenerateResult>;
  /** Tokens a prompt has. */
  countTokens(prompt: readonly PromptPiece[], signal?: AbortSignal): Promise<number>;
}

/** A session on an engine, which it uses alone from now on. */
export function createSession(backend: DecoderBackend, tokenizer: Tokenizer): Session {
  return new DecoderSession(backend, tokenizer);
}

class DecoderSession implements Session {
  readonly #backend: DecoderBackend;
  readonly #tokenizer: Tokenizer;
  /** The tokens the KV cache holds. */
  #cached: number[] = [];

  constructor(backend: DecoderBackend, tokenizer: Tokenizer) {
    this.#backend = backend;
    this.#tokenizer = tokenizer;
  }

  async countTokens(prompt: readonly PromptPiece[], signal?: AbortSignal): Promise<number> {
    return (await encodeInSlices(this.#tokenizer, prompt, Number.POSITIVE_INFINITY, signal)).length;
  }

  async generate(
    request: GenerateRequest,
    { onEvent = () => {}, signal, mask }: GenerateOptions = {},
  ): Promise<GenerateResult> {
    const { vocabularySize } = this.#backend;
    checkGenerateRequest(request, vocabularySize);
    const turn = new Turn({ request, tokenizer: this.#tokenizer, vocabularySize, mask, onEvent });
    try {
      const prompt = await encodePrompt(this.#tokenizer, request.prompt, this.#backend.contextLength, signal);
      const logits = await this.#prefill(turn, prompt, onEvent, signal);
      return turn.result(await this.#decode(turn, logits, signal));
    } catch (error) {
      if (isAbortError(error)) return turn.result('abort');
      // What the cache holds after a fault is anybody's guess.
      this.#forget();
      throw error;
    } finally {
      this.#backend.park();
    }
  }

  /** Reads the part of the prompt that the cache does not hold; returns the logits after its last token. */
  async #prefill(
    turn: Turn,
    prompt: readonly number[],
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    // The last token is read again even if it is cached: its logits are gone.
    const shared = Math.min(commonPrefix(this.#cached, prompt), prompt.length - 1);
    this.#backend.truncate(shared);
    this.#cached.length = shared;
    turn.startPrefill(prompt, shared);
    onEvent({ type: 'prefill-progress', doneTokens: shared, totalTokens: prompt.length });
    for (let done = shared; ; ) {
      throwIfAborted(signal);
      const step = prompt.slice(done, done + PREFILL_STEP);
      done += step.length;
      const isLast = done === prompt.length;
      const logits = await this.#forward(step, isLast ? 'last' : 'none', signal);
      onEvent({ type: 'prefill-progress', doneTokens: done, totalTokens: prompt.length });
      if (isLast) return logits;
    }
  }

  async #decode(turn: Turn, first: Float32Array, signal: AbortSignal | undefined): Promise<FinishReason> {
    const pause = new EventLoopPause();
    let logits = first;
    for (;;) {
      throwIfAborted(signal);
      const next: number[] = [];
      let reason = this.#add(turn, turn.forced, next);
      if (reason === undefined && next.length === 0) reason = this.#add(turn, [turn.sample(logits)], next);
      if (reason !== undefined) return reason;
      await pause.ifDue();
      throwIfAborted(signal);
      logits = await this.#forward(next, 'last', signal);
    }
  }

  /** Adds tokens to the answer and to `next`, those to be computed; says why the answer ends, if one of them ends it. */
  #add(turn: Turn, tokens: readonly number[], next: number[]): FinishReason | undefined {
    for (const token of tokens) {
      if (this.#tokenizer.endTokenIds.has(token)) return 'stop';
      if (turn.accept(token)) return 'stop';
      next.push(token);
      if (turn.isFull || this.#backend.position + next.length > this.#backend.contextLength) return 'length';
    }
    return undefined;
  }

  /** Appends tokens to the cache and keeps the record of what it holds right, whatever happens. */
  async #forward(
    tokens: readonly number[],
    logits: 'none' | 'last',
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    this.#cached.push(...tokens);
    try {
      return await this.#backend.forward(tokens, { logits, signal });
    } finally {
      this.#cached.length = this.#backend.position;
    }
  }

  #forget(): void {
    this.#cached = [];
    try {
      this.#backend.truncate(0);
    } catch {
      // A disposed or broken engine says so at the next call; the error that led here is the one to report.
    }
  }
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index += 1;
  return index;
}
