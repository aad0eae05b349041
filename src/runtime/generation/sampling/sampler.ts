import type { SamplingOptions } from '../../../protocol/index.ts';
import {
  type AheadCandidates,
  type AheadOptions,
  type ExactLogits,
  MOST_AHEAD_CANDIDATES,
} from '../../backends/decoder-backend.ts';
import { NEGLIGIBLE, weightOf } from './exponential.ts';
import { LikelyTokens } from './likely-tokens.ts';
import { LogitsHeap } from './logits-heap.ts';
import { Penalties } from './penalties.ts';
import { placeOf } from './place-of.ts';
import { createRandomSource, RandomQueue } from './random.ts';
import { applyMask } from './token-mask.ts';

/**
 * Chooses the next token from logits. The steps and their order are those of llama.cpp's default chain:
 *
 * 1. logit bias is added, then penalties (see `Penalties`); tokens outside the mask become impossible;
 * 2. temperature 0: the likeliest token, of equals the lowest id; nothing below applies;
 * 3. top-k: the k likeliest tokens;
 * 4. typical-p: of these, the fewest whose probabilities reach p, taken in the order of how near their surprise is to the
 *    mean surprise (Meister et al. 2022, arXiv 2202.00666);
 * 5. top-p: of these, the fewest whose probabilities (among these) reach p (Holtzman et al. 2019, arXiv 1904.09751);
 * 6. min-p: of these, the ones at least `minP` times as likely as the likeliest (Nguyen et al. 2024, arXiv 2407.01082);
 * 7. temperature, then a draw from what is left with the seeded generator.
 *
 * The filters see probabilities at temperature 1, so a high temperature does not let unlikely tokens through.
 * At least one token always survives.
 */
export class Sampler {
  readonly #options: SamplingOptions;
  readonly #penalties: Penalties;
  readonly #random: RandomQueue;
  readonly #bias: readonly (readonly [token: number, bias: number])[];
  readonly #typicalP: number;
  readonly #vocabularySize: number;
  /** Logits that may be changed; made when the first change is due. */
  #scratch = new Float32Array(0);
  readonly #ids: Uint32Array;
  /** Of typical-p: how typical each token is, and ids in an order of their own. */
  readonly #nearness: Float32Array;
  readonly #ordered: Uint32Array;

  /** `options` must have been checked (`checkGenerateRequest`). */
  constructor(options: SamplingOptions, vocabularySize: number) {
    this.#options = options;
    this.#penalties = new Penalties(options);
    this.#random = new RandomQueue(createRandomSource(options.seed));
    this.#bias = options.logitBias ?? [];
    this.#typicalP = options.typicalP ?? 1;
    this.#vocabularySize = vocabularySize;
    this.#ids = new Uint32Array(options.temperature === 0 ? 0 : vocabularySize);
    const typical = options.temperature === 0 || this.#typicalP === 1 ? 0 : vocabularySize;
    this.#nearness = new Float32Array(typical);
    this.#ordered = new Uint32Array(typical);
  }

  /** Remembers a token of the prompt or of the answer, for the penalties. */
  accept(token: number): void {
    if (this.#penalties.isActive) this.#penalties.accept(token);
  }

  /**
   * The next token for logits `[vocabulary]`, which are not changed; `allowed` as in `TokenMask`. Throws `numeric-fault` like
   * `LikelyTokens`.
   */
  sample(logits: Float32Array, allowed?: Uint32Array): number {
    return this.#choose(this.#adjust(logits, allowed));
  }

  /** The same where an engine has listed the candidates of `deciding`: the others need not even be looked at. */
  sampleListed(logits: Float32Array, candidates: readonly number[]): number {
    const own = new Float32Array(candidates.length);
    for (const [place, token] of candidates.entries()) own[place] = logits[token]!;
    for (const [token, bias] of this.#bias) own[placeOf(token, candidates)]! += bias;
    if (this.#penalties.isActive) this.#penalties.apply(own, candidates);
    return candidates[this.#choose(own)]!;
  }

  #choose(logits: Float32Array): number {
    const tokens = new LikelyTokens(logits);
    return this.#options.temperature === 0 ? tokens.best : this.#draw(logits, tokens);
  }

  /** The logits that the next token is chosen by, whatever the others are; undefined: all. */
  get deciding(): ExactLogits | undefined {
    const { temperature, topK } = this.#options;
    if (temperature > 0 && topK === 0) return undefined;
    const penalised = this.#penalties.isActive ? this.#penalties.window : [];
    const besides = [...this.#bias.map(([token]) => token), ...penalised];
    return { highest: temperature === 0 ? 1 : topK, besides, candidates: [] };
  }

  /**
   * What an engine needs to choose as this sampler would; undefined where it cannot: with a bias, typical-p, or a draw among
   * more than it keeps.
   */
  get ahead(): Pick<AheadOptions, 'sampling' | 'recent' | 'randoms'> | undefined {
    const { temperature, topK } = this.#options;
    if (this.#bias.length > 0 || this.#typicalP < 1) return undefined;
    if (temperature > 0 && (topK === 0 || topK > MOST_AHEAD_CANDIDATES)) return undefined;
    return {
      sampling: this.#options,
      recent: this.#penalties.isActive ? this.#penalties.window : [],
      randoms: (count) => this.#random.upcoming(count),
    };
  }

  /** The next token out of the likeliest, as `sample` would choose it from all; `logits` have the penalties in them. */
  sampleAmong({ tokens, logits }: AheadCandidates): number {
    return tokens[this.#draw(logits, new LikelyTokens(logits))]!;
  }

  #adjust(logits: Float32Array, allowed: Uint32Array | undefined): Float32Array {
    if (!this.#penalties.isActive && this.#bias.length === 0 && allowed === undefined) return logits;
    if (this.#scratch.length !== logits.length) this.#scratch = new Float32Array(logits.length);
    this.#scratch.set(logits);
    for (const [token, bias] of this.#bias) this.#scratch[token]! += bias;
    if (this.#penalties.isActive) this.#penalties.apply(this.#scratch);
    if (allowed !== undefined) applyMask(this.#scratch, allowed);
    return this.#scratch;
  }

  #draw(logits: Float32Array, tokens: LikelyTokens): number {
    const { temperature } = this.#options;
    const isTypical = this.#typicalP < 1;
    const kept = isTypical ? this.#filterTypical(logits, tokens) : this.#filter(logits, tokens);
    // The likeliest of all need not be typical; weights are taken beside the likeliest that is left.
    const peak = isTypical ? logits[kept[0]!]! : tokens.highest;
    let total = 0;
    for (const id of kept) total += weightOf((logits[id]! - peak) / temperature);
    let left = this.#random.next() * total;
    let last = kept[0]!;
    for (const id of kept) {
      const weight = weightOf((logits[id]! - peak) / temperature);
      if (weight === 0) continue;
      left -= weight;
      last = id;
      if (left < 0) break;
    }
    // Rounding may leave a crumb at the end: it belongs to the last token that can be drawn at all.
    return last;
  }

  /** Whether top-k leaves any tokens out; of candidates there may be just as many as it keeps. */
  get #isTopK(): boolean {
    return this.#options.topK > 0 && this.#options.topK < this.#vocabularySize;
  }

  /** The ids that survive the filters: likeliest first, or in order of id where nothing depends on the order. */
  #filter(logits: Float32Array, tokens: LikelyTokens): Uint32Array | readonly number[] {
    const { highest } = tokens;
    const { topP, minP } = this.#options;
    const isTopK = this.#isTopK;
    const topK = isTopK ? this.#options.topK : logits.length;
    if (!isTopK && topP === 1) return this.#gather(tokens, highest + Math.log(minP));

    // Without top-k, p is a share of all there is; with it, of what the k hold, which is known when they are.
    const enough = isTopK ? Number.POSITIVE_INFINITY : topP * tokens.mass;
    const heap = new LogitsHeap(logits, this.#candidates(logits, tokens, topK, enough));
    const order: number[] = [];
    let mass = 0;
    do {
      const id = heap.pop();
      if (id === undefined) break;
      order.push(id);
      mass += weightOf(logits[id]! - highest);
    } while (order.length < topK && mass < enough);
    if (isTopK && topP < 1) cutTail(order, logits, highest, topP * mass);
    while (order.length > 1 && weightOf(logits[order.at(-1)!]! - highest) < minP) order.pop();
    return order;
  }

  /** The same with typical-p between top-k and top-p; likeliest first. */
  #filterTypical(logits: Float32Array, tokens: LikelyTokens): readonly number[] {
    const { highest } = tokens;
    const { topK, topP, minP } = this.#options;
    const isTopK = this.#isTopK;
    const likely = isTopK ? this.#candidates(logits, tokens, topK, Number.POSITIVE_INFINITY) : undefined;
    const ids = likely ? takeFrom(new LogitsHeap(logits, likely), topK) : this.#gather(tokens, highest - NEGLIGIBLE);
    const order = this.#mostTypical(logits, ids, highest);
    const peak = logits[order[0]!]!;
    if (topP < 1) {
      const mass = order.reduce((sum, id) => sum + weightOf(logits[id]! - peak), 0);
      cutTail(order, logits, peak, topP * mass);
    }
    while (order.length > 1 && weightOf(logits[order.at(-1)!]! - peak) < minP) order.pop();
    return order;
  }

  /** The fewest of `ids` that reach the share typical-p, the most typical first taken, likeliest first given back. */
  #mostTypical(logits: Float32Array, ids: Uint32Array, highest: number): number[] {
    const p = this.#typicalP;
    let mass = 0;
    let weighted = 0;
    for (const id of ids) {
      const difference = logits[id]! - highest;
      const weight = weightOf(difference);
      mass += weight;
      if (weight > 0) weighted += weight * difference;
    }
    // Surprise is log(mass) − difference and its mean, the entropy, log(mass) − weighted / mass: the logarithm cancels.
    const mean = weighted / mass;
    const nearness = this.#nearness;
    for (const id of ids) nearness[id] = -Math.abs(logits[id]! - highest - mean);
    const ordered = this.#ordered.subarray(0, ids.length);
    ordered.set(ids);
    const heap = new LogitsHeap(nearness, ordered);
    const order: number[] = [];
    for (let held = 0; held < p * mass || order.length === 0; ) {
      const id = heap.pop();
      if (id === undefined) break;
      order.push(id);
      held += weightOf(logits[id]! - highest);
    }
    return order.sort((a, b) => logits[b]! - logits[a]! || a - b);
  }

  /** A set of ids that holds the `count` likeliest, or tokens of `mass` likelier than all others: often a handful. */
  #candidates(logits: Float32Array, tokens: LikelyTokens, count: number, mass: number): Uint32Array {
    const { highest } = tokens;
    for (let width = 4; width <= NEGLIGIBLE; width *= 2) {
      const ids = this.#gather(tokens, highest - width);
      if (ids.length >= count) return ids;
      let held = 0;
      for (const id of ids) held += weightOf(logits[id]! - highest);
      if (held >= mass) return ids;
    }
    return this.#gather(tokens, Number.NEGATIVE_INFINITY);
  }

  /** The ids whose logit is at least `lowest`, in order of id; a view that the next call overwrites. */
  #gather(tokens: LikelyTokens, lowest: number): Uint32Array {
    return this.#ids.subarray(0, tokens.gather(lowest, this.#ids));
  }
}

function takeFrom(heap: LogitsHeap, count: number): Uint32Array {
  const ids: number[] = [];
  for (let id = heap.pop(); id !== undefined; id = ids.length < count ? heap.pop() : undefined) ids.push(id);
  return Uint32Array.from(ids);
}

/** Shortens a descending order to the fewest ids that reach `mass`; at least one stays. */
function cutTail(order: number[], logits: Float32Array, highest: number, mass: number): void {
  let held = 0;
  for (const [index, id] of order.entries()) {
    held += weightOf(logits[id]! - highest);
    if (held < mass) continue;
    order.length = index + 1;
    return;
  }
}
