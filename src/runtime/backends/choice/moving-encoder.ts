import type { EngineTrial } from '../../../protocol/index.ts';
import { isAbortError, SottoError, systemClock } from '../../../shared/index.ts';
import { EncodeRun } from '../encode-run.ts';
import type { EncodeOptions, EncoderBackend } from '../encoder-backend.ts';
import { EncoderOnEngine } from '../encoder-on-engine.ts';
import { isEngineFault } from './engine-faults.ts';

/** Work on the processor, done and still to do, from which on a graphics device pays for being made ready. */
const WORTH_MS = 4_000;
/** What is left of a call, and is less than this, is finished sooner than the device is ready. */
const LEAST_LEFT_MS = 1_500;
/** After such a pause it is other work. */
const PAUSE_MS = 10_000;
/** Texts that both engines encode, to be compared. */
const SAMPLE_TEXTS = 8;
/** Lowest cosine of their vectors: 8-bit weights and 7-bit activations cost 0.003 at most, kernels that are wrong much more. */
const LEAST_COSINE = 0.98;

export type MoveReason = 'gpu-faster' | 'cpu-faster' | 'gpu-wrong' | 'gpu-failed';

export interface MovingEncoderOptions {
  readonly cpu: EncoderBackend;
  readonly createGpu: (signal: AbortSignal | undefined) => Promise<EncoderBackend>;
  /** Told once what came of the trial, with the milliseconds that a text of it took. */
  readonly onTried: (reason: MoveReason, trial?: EngineTrial) => void;
  readonly now?: (() => number) | undefined;
}

/**
 * An encoder that begins on the processor, which is ready at once and enough for a question, and goes on on the graphics
 * device when so much comes that this pays (a folder of documents). It is tried in mid-work on texts that the processor has
 * done: only vectors that agree, and come sooner, make it move.
 */
export class MovingEncoder extends EncoderOnEngine {
  readonly #options: MovingEncoderOptions;
  readonly #now: () => number;
  #mayMove = true;
  /** Time spent on the processor without a pause. */
  #busyMs = 0;
  #lastEnd = 0;

  constructor(options: MovingEncoderOptions) {
    super(options.cpu);
    this.#options = options;
    this.#now = options.now ?? (() => systemClock.now());
  }

  async encode(texts: readonly ArrayLike<number>[], options: EncodeOptions = {}): Promise<Float32Array> {
    if (!this.#mayMove) return this.engine.encode(texts, options);
    const run = new EncodeRun(texts, options);
    const started = this.#now();
    if (started - this.#lastEnd > PAUSE_MS) this.#busyMs = 0;
    const stop = new AbortController();
    try {
      await run.continueOn(this.engine, stop.signal, () => {
        if (this.#isWorth(texts, run.done, this.#now() - started)) stop.abort();
      });
    } catch (error) {
      if (!isAbortError(error) || options.signal?.aborted === true || !stop.signal.aborted) throw error;
    } finally {
      this.#lastEnd = this.#now();
      this.#busyMs += this.#lastEnd - started;
    }
    if (!run.isDone) {
      await this.#move(texts, run, options, (this.#lastEnd - started) / tokensOf(texts.slice(0, run.done)));
      await run.continueOn(this.engine);
    }
    return run.vectors;
  }

  #isWorth(texts: readonly ArrayLike<number>[], done: number, spentMs: number): boolean {
    const leftMs = (spentMs / tokensOf(texts.slice(0, done))) * tokensOf(texts.slice(done));
    const busyMs = this.#busyMs + spentMs;
    // Many small calls one after the other let expect as many more.
    return busyMs > WORTH_MS || (leftMs > LEAST_LEFT_MS && busyMs + leftMs > WORTH_MS);
  }

  /** Tries the device on texts that are done, and takes it if it agrees and is faster. It is not tried twice. */
  async #move(
    texts: readonly ArrayLike<number>[],
    run: EncodeRun,
    { signal, spans }: EncodeOptions,
    cpuMsPerToken: number,
  ): Promise<void> {
    this.#mayMove = false;
    this.engine.park();
    const { createGpu, onTried } = this.#options;
    const count = Math.min(SAMPLE_TEXTS, run.done);
    const sample = texts.slice(0, count);
    const cpuMs = (cpuMsPerToken * tokensOf(sample)) / count;
    const again = { signal, spans: spans?.slice(0, count) };
    let gpu: EncoderBackend | undefined;
    try {
      gpu = await createGpu(signal);
      const vectors = await gpu.encode(sample, again);
      const width = spans === undefined ? gpu.dimensions : vectors.length / vectorsOf(again.spans);
      if (leastCosine(vectors, run.vectors, width) < LEAST_COSINE) {
        gpu.dispose();
        onTried('gpu-wrong');
        return;
      }
      // What came before has warmed the device up.
      const started = this.#now();
      await gpu.encode(sample, again);
      const gpuMs = (this.#now() - started) / count;
      if (gpu.kind === 'cpu') throw new SottoError('device-lost', 'The graphics device was lost while it was tried.');
      if (gpuMs > cpuMs) {
        gpu.dispose();
        onTried('cpu-faster', { cpuMs, gpuMs });
        return;
      }
      this.engine.dispose();
      this.engine = gpu;
      if (this.isDisposed) gpu.dispose();
      onTried('gpu-faster', { cpuMs, gpuMs });
    } catch (error) {
      gpu?.dispose();
      // Whoever stopped may come again, with as much to do.
      if (isAbortError(error)) this.#mayMove = true;
      if (!SottoError.isInstance(error) || !isEngineFault(error)) throw error;
      onTried('gpu-failed');
    }
  }
}

function tokensOf(texts: readonly ArrayLike<number>[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

function vectorsOf(spans: EncodeOptions['spans']): number {
  return Math.max(1, spans?.reduce((sum, { length }) => sum + length, 0) ?? 0);
}

/** The lowest cosine of two lists of vectors, as far as the shorter one goes; zeros agree with zeros. NaN counts as -1. */
function leastCosine(a: Float32Array, b: Float32Array, width: number): number {
  let least = 1;
  for (let start = 0; start + width <= Math.min(a.length, b.length); start += width) {
    let [dot, aa, bb] = [0, 0, 0];
    for (let i = start; i < start + width; i++) {
      dot += a[i]! * b[i]!;
      aa += a[i]! ** 2;
      bb += b[i]! ** 2;
    }
    const cosine = aa === 0 && bb === 0 ? 1 : dot / Math.sqrt(aa * bb);
    least = Number.isNaN(cosine) ? -1 : Math.min(least, cosine);
  }
  return least;
}
