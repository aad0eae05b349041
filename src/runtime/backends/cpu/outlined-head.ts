import type { ExactLogits } from '../decoder-backend.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { FOUND_BYTES, JOB_BESIDES, JOB_LIKELIEST, MOST_LIKELIEST, OUTLINE_READ } from './outline-fields.ts';
import type { OutlinePlace } from './outline-place.ts';
import { OutlineUse } from './outline-use.ts';
import { PLAN, THREADS } from './plan-fields.ts';

/** What a job computes of the head. */
interface WantedLogits {
  readonly headCount: number;
  readonly exact?: ExactLogits | undefined;
}

/**
 * What the kernels need to know to look for the highest logits, and what they tell of them: of one token in the outline of the head, of
 * several among all logits, which are computed.
 */
export class OutlinedHead {
  readonly #plan: MemoryPlan;
  readonly #place: OutlinePlace;
  readonly #memory: WebAssembly.Memory;
  readonly #use = new OutlineUse();
  /** What the last job named rows for; undefined: it named none. */
  #named: { readonly highest: number; readonly besides: readonly number[] } | undefined;

  constructor(plan: MemoryPlan, place: OutlinePlace, memory: WebAssembly.Memory) {
    this.#plan = plan;
    this.#place = place;
    this.#memory = memory;
  }

  /**
   * Runs the job in the plan so that it names the highest; gives back what `job` does: a fault, 0 for none. Undefined where nobody
   * asks for them or it does not pay: then nothing was run. `mayOutline`: the head is what its outline was made of.
   */
  run(job: () => number, { headCount, exact }: WantedLogits, mayOutline: boolean): number | undefined {
    this.#named = undefined;
    if (headCount === 0 || exact === undefined || exact.highest > MOST_LIKELIEST) return undefined;
    if (headCount === 1 && !(mayOutline && this.#use.next())) return undefined;
    const { groups } = this.#plan.head;
    const { highest } = exact;
    const besides = this.#besidesOf(exact);
    const bits = new Uint8Array(this.#memory.buffer, this.#place.besides, groups);
    for (const token of besides) bits[token >> 3]! |= 1 << (token & 7);
    this.#words[(PLAN + JOB_LIKELIEST) / 4] = highest;
    this.#words[(PLAN + JOB_BESIDES) / 4] = besides.length;
    const fault = job();
    this.#words[(PLAN + JOB_LIKELIEST) / 4] = 0;
    for (const token of besides) bits[token >> 3] = 0;
    if (fault !== 0) return fault;
    if (headCount === 1) this.#use.record(this.#words[(PLAN + OUTLINE_READ) / 4]! / groups);
    this.#named = { highest, besides };
    return fault;
  }

  /**
   * Fills the candidates of a row of the last job, which may have run for another row: what was beside the highest then has to hold
   * what is now. Each thread names rows of its share; nothing is listed where one found too many.
   */
  list(row: number, exact: ExactLogits): void {
    const { highest, candidates } = exact;
    const named = this.#named;
    if (candidates === undefined || named === undefined || highest > named.highest) return;
    const listed = new Set(named.besides);
    if (this.#besidesOf(exact).some((token) => !listed.has(token))) return;
    const { address, stride, offsets } = this.#plan.scratch;
    const words = this.#words;
    const threads = words[(PLAN + THREADS) / 4]!;
    candidates.length = 0;
    for (let thread = 0; thread < threads; thread++) {
      const at = (address + thread * stride + offsets.found + row * FOUND_BYTES) / 4;
      const count = words[at]!;
      if (count < 0) return;
      for (const found of words.subarray(at + 1, at + 1 + count)) listed.add(found);
    }
    candidates.push(...[...listed].sort((a, b) => a - b));
  }

  #besidesOf({ besides = [] }: ExactLogits): readonly number[] {
    return besides.filter((token) => token < this.#plan.head.weight.rows);
  }

  get #words(): Int32Array {
    return new Int32Array(this.#memory.buffer);
  }
}
