import type { SamplingOptions } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { LogitsHeap } from './logits-heap.ts';
import { Penalties } from './penalties.ts';
import { createRandomSource, type RandomSource } from './random.ts';

/**
 * Chooses the next token from logits. The steps and their order are those of llama.cpp's default chain:
 *
 * 1. penalties (see `Penalties`);
 * 2. temperature 0: the likeliest token, of equals the lowest id; nothing below applies;
 * 3. top-k: the k likeliest tokens;
 * 4. top-p: of these, the fewest whose probabilities (among these) reach p (Holtzman et al. 2019, arXiv 1904.09751);
 * 5. min-p: of these, the ones at least `minP` times as likely as the likeliest (Nguyen et al. 2024, arXiv 2407.01082);
 * 6. temperature, then a draw from what is left with the seeded generator.
 *
 * The filters see probabilities at temperature 1, so a high temperature does not let unlikely tokens through.
 * At least one token always survives.
 */
export class Sampler {
  readonly #options: SamplingOptions;
  readonly #penalties: Penalties;
  readonly #random: RandomSource;
  readonly #scratch: Float32Array;
  readonly #ids: Uint32Array;

  /** `options` must have been checked (`checkGenerateRequest`). */
  constructor(options: SamplingOptions, vocabularySize: number) {
    this.#options = options;
    this.#penalties = new Penalties(options);
    this.#random = createRandomSource(options.seed);
    this.#scratch = new Float32Array(this.#penalties.isActive ? vocabularySize : 0);
    this.#ids = new Uint32Array(options.temperature === 0 ? 0 : vocabularySize);
  }

  /** Remembers a token of the prompt or of the answer, for the penalties. */
  accept(token: number): void {
    if (this.#penalties.isActive) this.#penalties.accept(token);
  }

  /**
   * The next token for logits `[vocabulary]`, which are not changed. Throws `numeric-fault` where they hold NaN or +∞ or
   * nothing above −∞: a token drawn from those would be garbage.
   */
  sample(logits: Float32Array): number {
    const penalised = this.#penalise(logits);
    const best = likeliest(penalised);
    return this.#options.temperature === 0 ? best : this.#draw(penalised, penalised[best]!);
  }

  #penalise(logits: Float32Array): Float32Array {
    if (!this.#penalties.isActive) return logits;
    this.#scratch.set(logits);
    this.#penalties.apply(this.#scratch);
    return this.#scratch;
  }

  #draw(logits: Float32Array, highest: number): number {
    const { temperature } = this.#options;
    const kept = this.#filter(logits, highest);
    const weightOf = (id: number) => Math.exp((logits[id]! - highest) / temperature);
    let total = 0;
    for (const id of kept) total += weightOf(id);
    let left = this.#random.next() * total;
    for (const id of kept) {
      left -= weightOf(id);
      if (left < 0) return id;
    }
    // Rounding may leave a crumb: it belongs to the last token that can be drawn at all.
    return kept.findLast((id) => weightOf(id) > 0) ?? kept[0]!;
  }

  /** The ids that survive the filters: likeliest first, or all in order of id where no filter is on. */
  #filter(logits: Float32Array, highest: number): Uint32Array {
    const { topP, minP } = this.#options;
    const size = logits.length;
    const topK = this.#options.topK === 0 ? size : Math.min(this.#options.topK, size);
    const massOf = (id: number) => Math.exp(logits[id]! - highest);
    const lowest = minP === 0 ? 0 : minP;
    const isTopK = topK < size;
    if (!isTopK && topP === 1) return this.#gather(logits, highest, lowest);

    // All mass is needed to know what p is a share of; with top-k only the mass of the k.
    let mass = 0;
    if (!isTopK) for (let id = 0; id < size; id++) mass += massOf(id);
    // Tokens that together hold less than 1 − p cannot be among the first p, so most never enter the heap.
    const negligible = isTopK ? 0 : Math.max(lowest, ((1 - topP) * mass) / size / 2);
    const heap = new LogitsHeap(logits, this.#ids, this.#gather(logits, highest, negligible).length);

    const order: number[] = [];
    let taken = 0;
    while (order.length < topK) {
      const id = heap.pop();
      if (id === undefined) break;
      order.push(id);
      taken += massOf(id);
      if (!isTopK && taken >= topP * mass) break;
    }
    return Uint32Array.from(
      cutTail(order, massOf, isTopK && topP < 1 ? topP * taken : Number.POSITIVE_INFINITY, lowest),
    );
  }

  /** The ids whose probability is at least `share` of the highest one, in order of id; a view that the next call overwrites. */
  #gather(logits: Float32Array, highest: number, share: number): Uint32Array {
    const lowest = highest + Math.log(share);
    let count = 0;
    for (let id = 0; id < logits.length; id++) if (logits[id]! >= lowest) this.#ids[count++] = id;
    return this.#ids.subarray(0, count);
  }
}

/** The ids of a descending order up to the one that reaches `mass`, without those below `lowest`; at least the first. */
function cutTail(order: readonly number[], massOf: (id: number) => number, mass: number, lowest: number): number[] {
  let taken = 0;
  const end = order.findIndex((id, index) => {
    const isOut = index > 0 && (taken >= mass || massOf(id) < lowest);
    taken += massOf(id);
    return isOut;
  });
  return end === -1 ? [...order] : order.slice(0, end);
}

function likeliest(logits: Float32Array): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > highest) {
      best = id;
      highest = logit;
    } else if (Number.isNaN(logit)) throw fault(`the logit of token ${id} is not a number`);
  }
  if (best === -1) throw fault('no token is possible');
  if (highest === Number.POSITIVE_INFINITY) throw fault(`the logit of token ${best} is infinite`);
  return best;
}

function fault(reason: string): SottoError {
  return new SottoError('numeric-fault', `The model's output makes no sense: ${reason}.`);
}
