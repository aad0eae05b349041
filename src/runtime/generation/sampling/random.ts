/** Uniform random numbers from a seed: the same seed gives the same numbers on every device. */
export interface RandomSource {
  /** A number in [0, 1) with 53 random bits. */
  next(): number;
}

/** A source whose next numbers can be looked at before they are used. */
export class RandomQueue implements RandomSource {
  readonly #source: RandomSource;
  readonly #waiting: number[] = [];

  constructor(source: RandomSource) {
    this.#source = source;
  }

  next(): number {
    return this.#waiting.shift() ?? this.#source.next();
  }

  /** The next `count` numbers; they stay the next ones. */
  upcoming(count: number): readonly number[] {
    while (this.#waiting.length < count) this.#waiting.push(this.#source.next());
    return this.#waiting.slice(0, count);
  }
}

/**
 * xoshiro128** 1.1 by Blackman and Vigna, its state filled from the seed by splitmix32
 * (source: https://prng.di.unimi.it/). `seed` is an unsigned 32-bit integer.
 */
export function createRandomSource(seed: number): RandomSource {
  const [a, b, c, d] = splitmix32(seed);
  return new Xoshiro128(a, b, c, d);
}

function splitmix32(seed: number): [number, number, number, number] {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  };
  return [next(), next(), next(), next()];
}

class Xoshiro128 implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  next(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53;
  }

  #word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
