import { MOST_DRAFTED } from './drafter.ts';

/**
 * What passes over 1 to 8 tokens cost until they are measured, in passes over one: on the processor in tiles of four, on one
 * thread with fast memory, where guessing pays the least; on a graphics card with all logits read back.
 */
const FIRST_COSTS = {
  cpu: [1, 1.95, 3.05, 3.25, 5, 5.1, 5.15, 5.25],
  webgpu: [1, 3, 3.2, 3.4, 3.6, 3.8, 3.9, 4.05],
} as const;
/** Passes remembered of each length, and after how many places without guesses one of them is forgotten. */
const KEPT_PASSES = 9;
const RESTS_A_PASS = 16;
/**
 * Single tokens after guesses that take longer than others, by a fifth at first: what they cost more is the guesses' doing. Counted as
 * what a token costs it made guesses look cheaper than they are.
 */
const SHADOWED = 3;
/** So many passes of a length say what it costs; before, what all lengths say together counts. */
const ENOUGH_PASSES = 3;

/** What passes over several tokens cost against one over a single token, as measured. */
export class PassCosts {
  readonly #first: readonly number[];
  /** Milliseconds of the last passes over so many tokens, latest last. */
  readonly #passes: number[][] = Array.from({ length: MOST_DRAFTED + 2 }, () => []);
  #rested = 0;
  /** The length of the last pass with guesses, and how many single tokens came after it. */
  #guessed: { readonly tokens: number; followers: number } | undefined;

  constructor(engine: 'cpu' | 'webgpu') {
    this.#first = FIRST_COSTS[engine];
  }

  record(tokens: number, milliseconds: number): void {
    if (tokens > 1) this.#guessed = { tokens, followers: 0 };
    else if (this.#isShadowed(milliseconds)) return;
    const passes = this.#passes[tokens];
    if (passes === undefined) return;
    passes.push(milliseconds);
    if (passes.length > KEPT_PASSES) passes.shift();
  }

  /** Whether a single token is slow behind guesses: what it takes longer is then theirs. */
  #isShadowed(milliseconds: number): boolean {
    const guessed = this.#guessed;
    if (guessed === undefined || guessed.followers === SHADOWED) return false;
    const { single } = this;
    // A quicker one is as good a measure as any: without it, one bad moment would last for as long as guessing goes on.
    if (single === undefined || milliseconds <= single) return false;
    guessed.followers += 1;
    const passes = this.#passes[guessed.tokens];
    const last = passes?.at(-1);
    if (passes !== undefined && last !== undefined) passes[passes.length - 1] = last + milliseconds - single;
    return true;
  }

  /** A place without guesses went by: what was measured grows old. */
  rest(): void {
    this.#rested += 1;
    if (this.#rested % RESTS_A_PASS === 0) for (const passes of this.#passes.slice(2)) passes.shift();
  }

  /** Milliseconds of a pass over one token; undefined where none was seen. */
  get single(): number | undefined {
    return typical(this.#passes[1]!);
  }

  /** By number of tokens (index 0 is none), in passes over one; undefined before the first of those. */
  ofAll(): readonly number[] | undefined {
    const { single } = this;
    if (single === undefined) return undefined;
    const measured = this.#passes.map((passes) => ({ count: passes.length, cost: (typical(passes) ?? 0) / single }));
    // More tokens cost so many times what was thought, by the lengths that were seen; the first belief counts for one.
    let [sum, weight] = [1, 1];
    for (const [tokens, { count, cost }] of measured.entries()) {
      if (tokens < 2 || count === 0) continue;
      sum += (count * (cost - 1)) / (this.#first[tokens - 1]! - 1);
      weight += count;
    }
    return measured.map(({ count, cost }, tokens) => {
      if (tokens < 2) return tokens;
      return count >= ENOUGH_PASSES ? cost : 1 + ((this.#first[tokens - 1]! - 1) * sum) / weight;
    });
  }
}

/**
 * The mean of all but the longest: one pass that was interrupted says nothing, but where passes of several threads are often held
 * up, that is what they cost.
 */
function typical(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const counted = values.toSorted((a, b) => a - b).slice(0, Math.max(1, values.length - 1));
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
}
