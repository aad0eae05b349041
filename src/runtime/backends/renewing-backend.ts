import type { GgufFile } from '../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../shared/index.ts';
import type {
  AdapterChoice,
  Adapters,
  AheadOptions,
  AheadStep,
  CachePages,
  DecoderBackend,
  ForwardOptions,
  RequantisedWeights,
} from './decoder-backend.ts';
import { isLoss } from './is-loss.ts';

/** Engines made anew in one answer, at most: a device that is lost again and again will not hold. */
const MOST_RENEWALS = 2;

/** Makes the engine once more; `attempt` counts from 1 within an answer. */
export type RenewBackend = (attempt: number) => Promise<DecoderBackend>;

/** An adapter that a new engine has to read again. */
interface KnownAdapter {
  readonly gguf: GgufFile;
  readonly source: ByteSource;
}

/**
 * An engine on a graphics device that can be lost at any time: by a driver's reset, a crash of the GPU process, a tab in the
 * background. It knows the tokens in its cache, so when the device is gone it makes the engine anew, reads them again and
 * goes on where it was, with the adapters that were in use; the caller sees a long step. Our own `dispose` is not a loss.
 */
export class RenewingBackend implements DecoderBackend {
  readonly #renew: RenewBackend;
  readonly #tokens: number[] = [];
  readonly #pageFormat: string | undefined;
  readonly #known = new Map<string, KnownAdapter>();
  #chosen: readonly AdapterChoice[] = [];
  #engine: DecoderBackend;
  #renewals = 0;
  #isDisposed = false;

  constructor(engine: DecoderBackend, renew: RenewBackend) {
    this.#engine = engine;
    this.#renew = renew;
    this.#pageFormat = engine.pages?.format;
  }

  get kind(): DecoderBackend['kind'] {
    return this.#engine.kind;
  }

  get description(): string {
    return this.#engine.description;
  }

  get threads(): number {
    return this.#engine.threads;
  }

  get vocabularySize(): number {
    return this.#engine.vocabularySize;
  }

  get contextLength(): number {
    return this.#engine.contextLength;
  }

  get memoryBytes(): number {
    return this.#engine.memoryBytes;
  }

  get requantised(): readonly RequantisedWeights[] {
    return this.#engine.requantised ?? [];
  }

  get position(): number {
    return this.#tokens.length;
  }

  async forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    const start = this.#tokens.length;
    for (;;) {
      try {
        const logits = await this.#engine.forward(tokens, options);
        this.#note(start, tokens);
        return logits;
      } catch (error) {
        if (!isLoss(error)) {
          // An abort leaves whole chunks; other faults leave what the engine says.
          this.#note(start, Array.from(tokens).slice(0, Math.max(0, this.#engine.position - start)));
          throw error;
        }
        await this.#recover(error, options.signal);
      }
    }
  }

  async *decodeAhead(token: number, options: AheadOptions): AsyncGenerator<AheadStep, void, undefined> {
    const start = this.#tokens.length;
    const chosen: number[] = [token];
    for (;;) {
      const done = chosen.length - 1;
      const rest = { ...options, maxTokens: options.maxTokens - done };
      try {
        // The one that renewed may be another kind of engine, which does not run ahead: the caller goes on step by step.
        const run = rest.maxTokens > 0 ? this.#engine.decodeAhead?.(chosen.at(-1)!, rest) : undefined;
        for await (const step of run ?? []) {
          chosen.push(step.token);
          this.#note(start, chosen.slice(0, -1));
          yield step;
        }
        return;
      } catch (error) {
        if (!isLoss(error)) throw error;
        await this.#recover(error, options.signal);
      }
    }
  }

  /** None where the engine that was made anew holds its cache otherwise: older copies would mean nothing to it. */
  get pages(): CachePages | undefined {
    const { pages } = this.#engine;
    if (pages === undefined || pages.format !== this.#pageFormat) return undefined;
    const { pageBytes, format } = pages;
    return {
      pageBytes,
      format,
      read: (from, to) => this.#despiteLoss(() => this.#samePages().read(from, to)),
      write: async (from, copies, tokens) => {
        const before = this.#engine;
        await this.#despiteLoss(async () => {
          if (this.#engine === before) return before.pages!.write(from, copies, tokens);
          // What a new engine has read again need not be the beginning of these tokens.
          this.#engine.truncate(0);
          if (tokens.length > 0) await this.#engine.forward(tokens, { logits: 'none' });
        });
        this.#note(0, tokens);
      },
    };
  }

  get adapters(): Adapters | undefined {
    if (this.#engine.adapters === undefined) return undefined;
    return {
      loaded: [...this.#known.keys()],
      load: async (name, gguf, source, signal) => {
        await this.#despiteLoss(() => this.#engine.adapters!.load(name, gguf, source, signal));
        this.#known.set(name, { gguf, source });
      },
      use: (chosen) => {
        try {
          this.#engine.adapters!.use(chosen);
        } catch (error) {
          // The next call makes the engine anew, with these in use.
          if (!isLoss(error)) throw error;
        }
        if (JSON.stringify(chosen) !== JSON.stringify(this.#chosen)) this.#tokens.length = 0;
        this.#chosen = chosen;
      },
    };
  }

  get profile(): DecoderBackend['profile'] {
    return this.#engine.profile && (() => this.#engine.profile!());
  }

  truncate(position: number): void {
    let left = position;
    try {
      this.#engine.truncate(position);
      left = this.#engine.position;
    } catch (error) {
      // The next call makes the engine anew, with the tokens that are left.
      if (!isLoss(error)) throw error;
    }
    this.#tokens.length = left;
  }

  get rewindsFreely(): boolean {
    return this.#engine.rewindsFreely !== false;
  }

  /** The end of an answer: the next one may renew the engine again. */
  park(): void {
    this.#renewals = 0;
    this.#engine.park();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#engine.dispose();
  }

  #samePages(): CachePages {
    const { pages } = this.#engine;
    if (pages !== undefined && pages.format === this.#pageFormat) return pages;
    throw new SottoError('internal', 'The engine was made anew and holds its cache otherwise now.');
  }

  async #despiteLoss<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isLoss(error)) throw error;
        await this.#recover(error, undefined);
      }
    }
  }

  #note(start: number, tokens: ArrayLike<number>): void {
    this.#tokens.length = start;
    for (let i = 0; i < tokens.length; i++) this.#tokens.push(tokens[i]!);
  }

  /** A new engine with the same tokens in its cache. Throws `loss` where there have been too many, or `disposed`. */
  async #recover(loss: unknown, signal: AbortSignal | undefined): Promise<void> {
    for (let cause = loss; ; ) {
      if (this.#isDisposed) throw new SottoError('disposed', 'This engine was disposed of.');
      if (this.#renewals === MOST_RENEWALS) throw cause;
      this.#renewals += 1;
      this.#engine.dispose();
      try {
        const engine = await this.#renew(this.#renewals);
        this.#engine = engine;
        if (this.#isDisposed) {
          engine.dispose();
          return;
        }
        for (const [name, { gguf, source }] of this.#known) await engine.adapters?.load(name, gguf, source, signal);
        engine.adapters?.use(this.#chosen);
        if (this.#tokens.length > 0) await engine.forward(this.#tokens, { logits: 'none', signal });
        return;
      } catch (error) {
        if (!SottoError.isInstance(error)) throw error;
        cause = error;
      }
    }
  }
}
