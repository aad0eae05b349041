import type { GenerateEvent, GenerateRequest, GenerateResult, PromptPiece } from '../../protocol/index.ts';
import { isAbortError, throwIfAborted } from '../../shared/index.ts';
import { CACHE_PAGE_TOKENS, type DecoderBackend } from '../backends/decoder-backend.ts';
import type { Tokenizer } from '../text/index.ts';
import { LiveCache } from './cache/index.ts';
import { checkGenerateRequest } from './check-generate-request.ts';
import { decode } from './decode.ts';
import { encodeInSlices, encodePrompt } from './encode-prompt.ts';
import type { Speculation } from './lookahead.ts';
import type { TokenMask } from './sampling/index.ts';
import { type Drafter, DraftModel, PromptLookup, SpeculationPace } from './speculation/index.ts';
import { Turn } from './turn.ts';
import { answerTokens } from './visible-tokens.ts';

/** Prompt tokens a forward call: small enough for progress several times a second, whole chunks for every engine. */
const PREFILL_STEP = 256;

export interface GenerateOptions {
  readonly onEvent?: ((event: GenerateEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the answer must look like; used up by it. */
  readonly mask?: TokenMask | undefined;
}

/** How a session uses its engine. */
export interface SessionOptions {
  /** Most bytes of copies of what the KV cache held before; 0: none are kept. Absent: two contexts, at most 256 MiB. */
  readonly cacheBytes?: number | undefined;
  /** A smaller engine of the same vocabulary that guesses; absent: guesses come from the text itself. */
  readonly draftBackend?: DecoderBackend | undefined;
  /** Decides how much is guessed; absent: by measurement. */
  readonly pace?: SpeculationPace | undefined;
}

/** An engine and all it has read lately: what a prompt shares with any prompt or answer before it is not computed again. */
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
export function createSession(backend: DecoderBackend, tokenizer: Tokenizer, options: SessionOptions = {}): Session {
  return new DecoderSession(backend, tokenizer, options);
}

const MOST_CACHE_BYTES = 256 * 2 ** 20;
/** What one more token adds to a pass, as a share of the first: compute-bound here, nearly free there. */
const FIRST_GROWTH = { cpu: 0.45, webgpu: 0.1 } as const;

class DecoderSession implements Session {
  readonly #backend: DecoderBackend;
  readonly #tokenizer: Tokenizer;
  readonly #cache: LiveCache;
  readonly #pace: SpeculationPace;
  readonly #draftModel: DraftModel | undefined;

  constructor(backend: DecoderBackend, tokenizer: Tokenizer, { cacheBytes, draftBackend, pace }: SessionOptions) {
    this.#backend = backend;
    this.#tokenizer = tokenizer;
    this.#cache = new LiveCache(backend, cacheBytes ?? defaultCacheBytes(backend));
    this.#pace = pace ?? new SpeculationPace(FIRST_GROWTH[backend.kind]);
    this.#draftModel = draftBackend && new DraftModel(draftBackend);
  }

  async countTokens(prompt: readonly PromptPiece[], signal?: AbortSignal): Promise<number> {
    return (await encodeInSlices(this.#tokenizer, prompt, Number.POSITIVE_INFINITY, signal)).length;
  }

  async generate(
    request: GenerateRequest,
    { onEvent = () => {}, signal, mask }: GenerateOptions = {},
  ): Promise<GenerateResult> {
    const { vocabularySize, contextLength } = this.#backend;
    const tokenizer = this.#tokenizer;
    const tokens = answerTokens(tokenizer, request.visibleTokens);
    const cache = this.#cache;
    checkGenerateRequest(request, vocabularySize);
    const turn = new Turn({ request, tokens, vocabularySize, mask, onEvent });
    this.#pace.restart();
    const counts = () => (request.speculation === 'off' ? undefined : this.#pace.counts);
    try {
      const prompt = await encodePrompt(tokenizer, request.prompt, contextLength, signal);
      const logits = await this.#prefill(turn, prompt, onEvent, signal);
      const speculation = request.speculation === 'off' ? undefined : this.#speculate(prompt);
      const options = { turn, cache, contextLength, vocabularySize, tokens, speculation, signal };
      return turn.result(await decode(options, logits), counts());
    } catch (error) {
      if (isAbortError(error)) return turn.result('abort', counts());
      cache.forget();
      throw error;
    } finally {
      this.#backend.park();
    }
  }

  /** Reads the part of the prompt that no cache holds; returns the logits after its last token. */
  async #prefill(
    turn: Turn,
    prompt: readonly number[],
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    throwIfAborted(signal);
    // The last token is read again even if it is cached: its logits are gone.
    const shared = await this.#cache.reuse(prompt, prompt.length - 1);
    turn.startPrefill(prompt, shared);
    onEvent({ type: 'prefill-progress', doneTokens: shared, totalTokens: prompt.length });
    for (let done = shared; ; ) {
      throwIfAborted(signal);
      const step = prompt.slice(done, done + PREFILL_STEP);
      done += step.length;
      const isLast = done === prompt.length;
      const logits = await this.#cache.forward(step, { logits: isLast ? 'last' : 'none', signal });
      onEvent({ type: 'prefill-progress', doneTokens: done, totalTokens: prompt.length });
      if (isLast) return logits;
    }
  }

  #speculate(prompt: readonly number[]): Speculation {
    const drafter: Drafter = this.#draftModel ?? new PromptLookup();
    this.#draftModel?.restart();
    drafter.append(prompt);
    return { drafter, pace: this.#pace };
  }
}

function defaultCacheBytes({ pages, contextLength }: DecoderBackend): number {
  const perContext = ((pages?.pageBytes ?? 0) * contextLength) / CACHE_PAGE_TOKENS;
  return Math.min(2 * perContext, MOST_CACHE_BYTES);
}
