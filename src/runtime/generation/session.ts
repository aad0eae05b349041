import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  PromptPiece,
  RefusedReading,
} from '../../protocol/index.ts';
import { isAbortError, throwIfAborted } from '../../shared/index.ts';
import { CACHE_PAGE_TOKENS, type DecoderBackend, type ForwardOptions } from '../backends/decoder-backend.ts';
import type { Tokenizer } from '../text/index.ts';
import { commonPrefix, LiveCache, PrefixTree } from './cache/index.ts';
import { adapterChoices, checkGenerateRequest } from './check-generate-request.ts';
import { decode } from './decode.ts';
import { encodeInSlices, encodePrompt } from './encode-prompt.ts';
import type { Speculation } from './lookahead.ts';
import type { TokenMask } from './sampling/index.ts';
import { type Hold, type Seat, type SeatRequest, Seats } from './seats/index.ts';
import { type Drafter, DraftModel, PromptLookup, SpeculationPace, SpeculationTally } from './speculation/index.ts';
import { endOfThinking, ThinkingBudget, type ThinkingLimit } from './thinking-budget.ts';
import { Turn } from './turn.ts';
import { answerTokens } from './visible-tokens.ts';

/**
 * Prompt tokens a forward call: whole chunks of the engine, and small enough for progress several times a second. A GPU
 * reads a thousand in the time of a few, and cuts a call into chunks by itself where it is slow.
 */
const PREFILL_STEP = { cpu: 256, webgpu: 1_024 } as const;

/** The same while others use the engine: about as long as they may wait. */
const SHARED_PREFILL_STEP = 64;

export interface GenerateOptions {
  readonly onEvent?: ((event: GenerateEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the answer must look like; used up by it. */
  readonly mask?: TokenMask | undefined;
  /** Stops it for a while. */
  readonly hold?: Hold | undefined;
}

/** Tokens and the pages of KV cache that hold them. */
export interface ReadText {
  readonly tokens: readonly number[];
  readonly pages: readonly Uint8Array[];
}

/** Where texts are kept that were read before this engine was there. */
export interface ReadTexts {
  /**
   * The text that shares the most tokens with `prompt`, if it shares more than `held`; pages for the caller to keep. Or why
   * one that does cannot be used.
   */
  longest(prompt: readonly number[], held: number): Promise<ReadText | RefusedReading | undefined>;
}

/** How a session uses its engine. */
export interface SessionOptions {
  /** Most bytes of copies of what the KV cache held before; 0: none are kept. Absent: one context, at most 256 MiB. */
  readonly cacheBytes?: number | undefined;
  /** A smaller engine of the same vocabulary that guesses; absent: guesses come from the text itself. */
  readonly draftBackend?: DecoderBackend | undefined;
  /** Decides how much is guessed; absent: by measurement. */
  readonly pace?: SpeculationPace | undefined;
  /** Looked through before a prompt is read. */
  readonly readTexts?: ReadTexts | undefined;
}

/** An engine and all it has read lately: what a prompt shares with any prompt or answer before it is not computed again. */
export interface Session {
  /**
   * Prompt → answer. `tokenIds` of the result are the answer's own tokens, without the end token; `completionTokens`
   * counts them. An abort resolves with the text so far. Rejects with `invalid-option`, `empty-prompt`,
   * `prompt-too-long`, `numeric-fault` and what the engine rejects with; after any of these the session can be used on.
   * Several calls take turns, some tokens at a time; one that waits in the background lets the others go first.
   */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<GenerateResult>;
  /** Reads a text and gives back what the engine made of it. Rejects like `generate`, and with AbortError. */
  read(prompt: readonly PromptPiece[], options?: Pick<GenerateOptions, 'onEvent' | 'signal'>): Promise<ReadText>;
  /** Tokens a prompt has. */
  countTokens(prompt: readonly PromptPiece[], signal?: AbortSignal): Promise<number>;
}

/** A session on an engine, which it uses alone from now on. */
export function createSession(backend: DecoderBackend, tokenizer: Tokenizer, options: SessionOptions = {}): Session {
  return new DecoderSession(backend, tokenizer, options);
}

const MOST_CACHE_BYTES = 256 * 2 ** 20;
/** Fewer tokens than this are read again sooner than they are fetched from elsewhere. */
const WORTH_FETCHING_TOKENS = 64;

/** What a text is read with. */
interface Reading {
  readonly engine: Seat;
  readonly onEvent: (event: GenerateEvent) => void;
  readonly signal: AbortSignal | undefined;
}

class DecoderSession implements Session {
  readonly #backend: DecoderBackend;
  readonly #tokenizer: Tokenizer;
  readonly #seats: Seats;
  readonly #pace: SpeculationPace;
  readonly #draft: { readonly backend: DecoderBackend; readonly cache: LiveCache } | undefined;
  readonly #readTexts: ReadTexts | undefined;

  constructor(backend: DecoderBackend, tokenizer: Tokenizer, options: SessionOptions) {
    const { cacheBytes, draftBackend, pace, readTexts } = options;
    this.#backend = backend;
    this.#tokenizer = tokenizer;
    this.#seats = new Seats(backend, new PrefixTree(cacheBytes ?? defaultCacheBytes(backend)));
    this.#pace = pace ?? new SpeculationPace(backend.kind);
    this.#draft = draftBackend && { backend: draftBackend, cache: new LiveCache(draftBackend, new PrefixTree(0)) };
    this.#readTexts = readTexts;
  }

  async countTokens(prompt: readonly PromptPiece[], signal?: AbortSignal): Promise<number> {
    return (await encodeInSlices(this.#tokenizer, prompt, Number.POSITIVE_INFINITY, signal)).length;
  }

  async generate(
    request: GenerateRequest,
    { onEvent = () => {}, signal, mask, hold }: GenerateOptions = {},
  ): Promise<GenerateResult> {
    const { vocabularySize, contextLength } = this.#backend;
    const tokenizer = this.#tokenizer;
    const tokens = answerTokens(tokenizer, request.visibleTokens);
    checkGenerateRequest(request, vocabularySize);
    const adapters = adapterChoices(request.adapter);
    const thinking = request.thinking && new ThinkingBudget(request.thinking, this.#endOfThinking(request.thinking));
    const turn = new Turn({ request, tokens, vocabularySize, mask, thinking, onEvent });
    const guesses = request.speculation !== 'off' && this.#backend.rewindsFreely !== false;
    const tally = guesses ? new SpeculationTally(this.#pace) : undefined;
    try {
      const prompt = await encodePrompt(tokenizer, request.prompt, contextLength, signal);
      const { priority = 'interactive' } = request;
      const reason = await this.#withEngine({ priority, prompt, adapters, signal, hold }, async (engine) => {
        // The last token is read again even if it is cached: its logits are gone.
        const { shared, refused } = await this.#reuse(engine.cache, prompt, prompt.length - 1);
        if (refused !== undefined) turn.refuseReading(refused);
        turn.startPrefill(prompt, shared);
        const logits = await this.#readOn(
          prompt,
          shared,
          { logits: 'last', exact: turn.decide() },
          { engine, onEvent, signal },
        );
        const speculation = tally && this.#speculate(prompt, tally);
        const shift = request.shiftsContext
          ? (all: readonly number[]) => this.#shift(all, prompt.length, turn, { engine, onEvent, signal })
          : undefined;
        const options = { turn, contextLength, tokens, speculation, engine, shift, signal };
        return decode(options, logits);
      });
      return turn.result(reason, tally?.counts);
    } catch (error) {
      if (isAbortError(error)) return turn.result('abort', tally?.counts);
      throw error;
    }
  }

  async read(
    prompt: readonly PromptPiece[],
    { onEvent = () => {}, signal }: Pick<GenerateOptions, 'onEvent' | 'signal'> = {},
  ): Promise<ReadText> {
    const tokens = await encodePrompt(this.#tokenizer, prompt, this.#backend.contextLength, signal);
    const request: SeatRequest = { priority: 'interactive', prompt: tokens, adapters: [], signal };
    return this.#withEngine(request, async (engine) => {
      const { shared } = await this.#reuse(engine.cache, tokens, tokens.length);
      await this.#readOn(tokens, shared, { logits: 'none' }, { engine, onEvent, signal });
      return { tokens, pages: await engine.cache.copy() };
    });
  }

  /** The tokens that end a model's thinking; one that begins every text is none of them. */
  #endOfThinking(limit: ThinkingLimit): readonly number[] {
    const tokens = this.#tokenizer.encode([{ kind: 'template', text: endOfThinking(limit) }]);
    return tokens.filter((token) => token !== this.#tokenizer.beginTokenId);
  }

  /** Runs work that has the engine, and leaves the engine usable however it ends. */
  async #withEngine<T>(request: SeatRequest, work: (engine: Seat) => Promise<T>): Promise<T> {
    const engine = await this.#seats.take(request);
    try {
      return await work(engine);
    } catch (error) {
      if (!isAbortError(error)) engine.forget();
      throw error;
    } finally {
      engine.end();
      this.#seats.rest();
    }
  }

  /** Brings back as much of a prompt as is kept anywhere; gives back how many of its tokens need not be read (`shared`). */
  async #reuse(
    cache: LiveCache,
    prompt: readonly number[],
    most: number,
  ): Promise<{ readonly shared: number; readonly refused?: RefusedReading }> {
    const least = cache.held(prompt) + WORTH_FETCHING_TOKENS;
    const isWorth = cache.canCopy && least <= prompt.length;
    const kept = isWorth ? await this.#readTexts?.longest(prompt, least) : undefined;
    if (typeof kept === 'string') return { shared: await cache.reuse(prompt, most), refused: kept };
    if (kept !== undefined) {
      // No more than the prompt has of it: it may be of a longer context than there is room for.
      const shared = commonPrefix(kept.tokens, prompt);
      await cache.restore(prompt.slice(0, shared), kept.pages.slice(0, Math.ceil(shared / CACHE_PAGE_TOKENS)));
    }
    return { shared: await cache.reuse(prompt, most) };
  }

  /** Reads the part of a text that the cache does not hold, others let on where they wait. */
  async #readOn(
    prompt: readonly number[],
    shared: number,
    wanted: Pick<ForwardOptions, 'logits' | 'exact'>,
    { engine, onEvent, signal }: Reading,
  ): Promise<Float32Array> {
    let logits: Float32Array = new Float32Array(0);
    onEvent({ type: 'prefill-progress', doneTokens: shared, totalTokens: prompt.length });
    for (let done = shared; done < prompt.length; ) {
      throwIfAborted(signal);
      if (engine.isOver) await engine.giveWay(signal);
      const most = engine.hasCompany ? SHARED_PREFILL_STEP : PREFILL_STEP[this.#backend.kind];
      const step = prompt.slice(done, done + most);
      done += step.length;
      const isLast = done === prompt.length;
      logits = await engine.cache.forward(step, { ...(isLast ? wanted : { logits: 'none' }), signal });
      onEvent({ type: 'prefill-progress', doneTokens: done, totalTokens: prompt.length });
    }
    return logits;
  }

  /** Makes room in a full context; see `shiftsContext`. */
  async #shift(all: readonly number[], promptLength: number, turn: Turn, reading: Reading): Promise<Float32Array> {
    const { contextLength } = this.#backend;
    const head = Math.min(promptLength, Math.floor(contextLength / 4));
    const kept = [...all.slice(0, head), ...all.slice(all.length - Math.floor(contextLength / 2))];
    const droppedTokens = all.length - kept.length;
    turn.drop(droppedTokens);
    reading.onEvent({ type: 'context-shifted', droppedTokens });
    const shared = await reading.engine.cache.reuse(kept, kept.length - 1);
    return this.#readOn(kept, shared, { logits: 'last', exact: turn.decide() }, { ...reading, onEvent: () => {} });
  }

  #speculate(prompt: readonly number[], tally: SpeculationTally): Speculation {
    const drafter: Drafter = this.#draft ? new DraftModel(this.#draft.backend, this.#draft.cache) : new PromptLookup();
    drafter.append(prompt);
    return { drafter, pace: this.#pace, tally };
  }
}

function defaultCacheBytes({ pages, contextLength }: DecoderBackend): number {
  const perContext = ((pages?.pageBytes ?? 0) * contextLength) / CACHE_PAGE_TOKENS;
  return Math.min(perContext, MOST_CACHE_BYTES);
}
