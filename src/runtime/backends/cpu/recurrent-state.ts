import type { MemoryPlan } from './memory-plan.ts';
import { pastBytes, type RecurrencePlace, stateBytes } from './recurrence-place.ts';

/** Copies of all states together; a state of a model of half a billion weights takes some 25 MB. */
const MOST_COPIES_BYTES = 96 * 2 ** 20;
const MOST_COPIES = 8;

/** A copy of everything that recurrent layers remember after `position` tokens. */
interface Copy {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * What recurrent layers remember, told from outside: a state has no past, so copies are taken before chunks of a prompt,
 * and a text can be cut where there is one. The latest are kept.
 */
export class RecurrentState {
  readonly #ranges: readonly { readonly address: number; readonly bytes: number }[];
  readonly #size: number;
  readonly #memory: WebAssembly.Memory;
  #copies: Copy[] = [];

  constructor({ layers }: MemoryPlan, memory: WebAssembly.Memory) {
    const places = layers.flatMap(({ recurrence }) => (recurrence === undefined ? [] : [recurrence]));
    this.#ranges = places.flatMap(rangesOf);
    this.#size = this.#ranges.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#memory = memory;
  }

  /** To be called before `count` tokens are written behind `position` ones. */
  willWrite(position: number, count: number): void {
    if (this.#size === 0 || count === 1 || position === 0) return;
    if (this.#copies.some((copy) => copy.position === position)) return;
    const kept = Math.min(MOST_COPIES, Math.max(2, Math.floor(MOST_COPIES_BYTES / this.#size)));
    const oldest = this.#copies.length >= kept ? this.#copies.shift() : undefined;
    // The oldest one's memory is used again.
    const bytes = oldest?.bytes ?? new Uint8Array(this.#size);
    let offset = 0;
    for (const range of this.#ranges) {
      bytes.set(new Uint8Array(this.#memory.buffer, range.address, range.bytes), offset);
      offset += range.bytes;
    }
    this.#copies.push({ position, bytes });
  }

  /** Where a text of `length` tokens that is to be cut at `position` can be cut: at its end, at a copy, or at its beginning. */
  cut(position: number, length: number): number {
    // At the beginning it is always cleared: a call that failed may have left anything.
    if (this.#size === 0 || (position === length && position > 0)) return position;
    this.#copies = this.#copies.filter((copy) => copy.position <= position);
    const latest = this.#copies.at(-1);
    let offset = 0;
    for (const range of this.#ranges) {
      const target = new Uint8Array(this.#memory.buffer, range.address, range.bytes);
      if (latest === undefined) target.fill(0);
      else target.set(latest.bytes.subarray(offset, offset + range.bytes));
      offset += range.bytes;
    }
    return latest?.position ?? 0;
  }
}

function rangesOf({ spec, past, state }: RecurrencePlace) {
  return [
    { address: past, bytes: pastBytes(spec) },
    { address: state, bytes: stateBytes(spec) },
  ];
}
