import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { AheadOptions, AheadStep } from '../decoder-backend.ts';
import { encodeSteps } from './kernel-library.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import { Readback } from './readback.ts';
import { KEPT_CANDIDATES, MOST_RANDOMS, RECENT_TOKENS, RESULT_SLOTS } from './scratch-layout.ts';

/** What a choice leaves where a logit is not finite. */
const NO_TOKEN = 0xffffffff;
/** What a draw leaves where it cannot be sure: the host has to look at all logits. */
const UNDECIDED = 0xfffffffe;
/**
 * Submits in flight. Waiting for each token costs more than the token itself (3.3 ms against 0.7 ms on an H100 in Chromium);
 * with several in flight the wait is hidden.
 */
const MOST_SUBMITS = 8;
/** Steps in flight may take this long: a stop or an abort has to wait for them. */
const AHEAD_MS = 80;
/** Steps that share a submit take about so long together: the cost of a submit begins to count below. */
const SUBMIT_MS = 3.2;
const MOST_SUBMIT_STEPS = 4;

/** Runs ahead of the host: several steps in flight, results read as they come. One run at a time. */
export class RunAhead {
  readonly #decoder: LoadedDecoder;
  readonly #ring: readonly Readback[];
  /** Of one step, as measured; a guess at first. */
  #stepMs = 5;

  constructor(decoder: LoadedDecoder) {
    this.#decoder = decoder;
    const bytes = (RESULT_SLOTS + (RESULT_SLOTS * KEPT_CANDIDATES) / 2) * 16;
    this.#ring = Array.from({ length: MOST_SUBMITS }, () => new Readback(decoder.gpu, bytes));
  }

  /**
   * Yields the engine's choice after `token`, then the one after that, `count` at most, from `position` on; fewer where it
   * cannot decide. Steps past the
   * one where the caller stops have run for nothing: what they left in the KV cache lies beyond the caller's position and
   * is overwritten by what comes next. Rejects with AbortError, `numeric-fault` or the device's fault.
   */
  async *run(token: number, position: number, count: number, options: AheadOptions): AsyncGenerator<AheadStep, void> {
    const { decode, state } = this.#decoder;
    const isDrawn = options.sampling.temperature > 0;
    const choice = isDrawn ? decode.draw : isPenalised(options) ? decode.choosePenalised : decode.choose;
    const steps = [...decode.embed, ...decode.layers, ...decode.head, ...choice];
    const kept = Math.min(KEPT_CANDIDATES, this.#decoder.plan.shape.vocabularySize);
    const most = isDrawn ? Math.min(count, MOST_RANDOMS) : count;
    this.#begin(token, position, options, most);
    const pending: { readonly words: Promise<Uint32Array>; readonly first: number; readonly size: number }[] = [];
    let submitted = 0;
    let submits = 0;
    let lastRead = performance.now();
    try {
      for (let read = 0; read < most; ) {
        // Where few steps may be ahead they still make two submits, or the device waits for the host after each.
        const shared = Math.min(
          MOST_SUBMIT_STEPS,
          Math.floor(SUBMIT_MS / this.#stepMs),
          Math.floor(state.mostAhead / 2),
        );
        const share = Math.max(1, shared);
        const depth = Math.max(2, Math.min(MOST_SUBMITS, Math.ceil(AHEAD_MS / (share * this.#stepMs))));
        while (submitted < most && pending.length < depth) {
          const size = Math.min(share, most - submitted, state.mostAhead - (submitted - read));
          if (size < 1) break;
          for (let step = 0; step < size; step++) state.willWrite(position + submitted + step, 1);
          const words = this.#submit(steps, size, submits);
          pending.push({ words, first: submitted, size });
          submitted += size;
          submits += 1;
        }
        const { words, first, size } = pending.shift()!;
        const results = await words;
        const now = performance.now();
        this.#stepMs += ((now - lastRead) / size - this.#stepMs) / 8;
        lastRead = now;
        for (let step = first; step < first + size; step++, read++) {
          throwIfAborted(options.signal);
          if (results[(step % RESULT_SLOTS) * 4] === UNDECIDED) return;
          yield readStep(results, step, isDrawn ? kept : 0, position + step);
        }
      }
    } finally {
      // The ring is used again: every buffer has to be unmapped by then.
      await Promise.allSettled(pending.map(({ words }) => words));
    }
  }

  #begin(token: number, position: number, { recent, sampling, randoms }: AheadOptions, count: number): void {
    const { gpu, buffers } = this.#decoder;
    const { queue } = gpu.device;
    const { buffer, layout } = buffers.token;
    queue.writeBuffer(buffer, 0, Uint32Array.of(position, 1, 0, 0));
    queue.writeBuffer(buffer, layout.tokensOffset, Uint32Array.of(token));
    const known = Array.from(recent).slice(-RECENT_TOKENS);
    const { repetitionPenalty, frequencyPenalty, presencePenalty, temperature, topP, minP, topK } = sampling;
    const words = new Uint32Array(4 + RECENT_TOKENS + 8);
    const floats = new Float32Array(words.buffer);
    floats.set([repetitionPenalty, frequencyPenalty, presencePenalty]);
    words[3] = known.length;
    words.set(known, 4);
    floats.set([temperature, topP, minP], 4 + RECENT_TOKENS);
    words[4 + RECENT_TOKENS + 4] = topK;
    queue.writeBuffer(buffer, layout.samplingOffset, words);
    if (temperature > 0) queue.writeBuffer(buffer, layout.randomsOffset, Float32Array.from(randoms(count)));
  }

  #submit(steps: Parameters<typeof encodeSteps>[1], size: number, index: number): Promise<Uint32Array> {
    const { gpu, buffers } = this.#decoder;
    const { buffer, layout } = buffers.token;
    const readback = this.#ring[index % this.#ring.length]!;
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let step = 0; step < size; step++) encodeSteps(pass, steps, 1);
    pass.end();
    const words = new Uint32Array(readback.buffer.size / 4);
    encoder.copyBufferToBuffer(buffer, layout.resultsOffset, readback.buffer, 0, words.byteLength);
    gpu.device.queue.submit([encoder.finish()]);
    const promise = readback.read(words).then(() => words);
    // Awaited in order; one that is never reached must not count as unhandled.
    promise.catch(() => {});
    return promise;
  }
}

function isPenalised({ sampling: { repetitionPenalty, frequencyPenalty, presencePenalty } }: AheadOptions): boolean {
  return repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;
}

function readStep(words: Uint32Array, step: number, candidates: number, position: number): AheadStep {
  const slot = step % RESULT_SLOTS;
  const token = words[slot * 4]!;
  if (token === NO_TOKEN) {
    throw new SottoError('numeric-fault', 'The logits hold values that are not finite.', { details: { position } });
  }
  if (candidates === 0) return { token };
  const start = RESULT_SLOTS * 4 + slot * KEPT_CANDIDATES * 2;
  const floats = new Float32Array(words.buffer);
  const tokens = Array.from({ length: candidates }, (_, i) => words[start + 2 * i + 1]!);
  const logits = Float32Array.from({ length: candidates }, (_, i) => floats[start + 2 * i]!);
  return { token, candidates: { tokens, logits } };
}
