import type { ExactLogits } from '../decoder-backend.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { JOB_BESIDES, JOB_LIKELIEST, MOST_LIKELIEST, OUTLINE_READ } from './outline-fields.ts';
import type { OutlinePlace } from './outline-place.ts';
import { OutlineUse } from './outline-use.ts';
import { PLAN, THREADS } from './plan-fields.ts';

/** What the kernels need to know to look for the highest logits in the outline of the head, and what they tell of them. */
export class OutlinedHead {
  readonly #plan: MemoryPlan;
  readonly #place: OutlinePlace;
  readonly #memory: WebAssembly.Memory;
  readonly #use = new OutlineUse();

  constructor(plan: MemoryPlan, place: OutlinePlace, memory: WebAssembly.Memory) {
    this.#plan = plan;
    this.#place = place;
    this.#memory = memory;
  }

  /** Whether that can be done and pays. Ask once a token. */
  serves({ highest }: ExactLogits): boolean {
    return highest <= MOST_LIKELIEST && this.#use.next();
  }

  /** Runs the job in the plan that way; gives back what `job` does: a fault, 0 for none. */
  run(job: () => number, { highest, besides: wanted = [], candidates }: ExactLogits): number {
    const { groups, weight } = this.#plan.head;
    const besides = wanted.filter((token) => token < weight.rows);
    const bits = new Uint8Array(this.#memory.buffer, this.#place.besides, groups);
    for (const token of besides) bits[token >> 3]! |= 1 << (token & 7);
    this.#words[(PLAN + JOB_LIKELIEST) / 4] = highest;
    this.#words[(PLAN + JOB_BESIDES) / 4] = besides.length;
    const fault = job();
    this.#words[(PLAN + JOB_LIKELIEST) / 4] = 0;
    for (const token of besides) bits[token >> 3] = 0;
    if (fault !== 0) return fault;
    this.#use.record(this.#words[(PLAN + OUTLINE_READ) / 4]! / groups);
    if (candidates !== undefined) this.#list(besides, candidates);
    return fault;
  }

  get #words(): Int32Array {
    return new Int32Array(this.#memory.buffer);
  }

  /** Each thread names rows of its share; nothing is listed where one found too many. */
  #list(besides: readonly number[], candidates: number[]): void {
    const { address, stride, offsets } = this.#plan.scratch;
    const words = this.#words;
    const threads = words[(PLAN + THREADS) / 4]!;
    candidates.length = 0;
    const listed = new Set(besides);
    for (let thread = 0; thread < threads; thread++) {
      const at = (address + thread * stride + offsets.found) / 4;
      const count = words[at]!;
      if (count < 0) return;
      for (const row of words.subarray(at + 1, at + 1 + count)) listed.add(row);
    }
    candidates.push(...[...listed].sort((a, b) => a - b));
  }
}
