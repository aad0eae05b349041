/**
 * Token ids, likeliest first, as far as they are asked for: a heap costs one pass over the vocabulary and a few steps
 * a token taken, where sorting would cost many passes. Of equal logits the lower id comes first.
 */
export class LogitsHeap {
  readonly #logits: Float32Array;
  readonly #ids: Uint32Array;
  #size: number;

  /** Takes over `ids` and orders them in place. `logits` must not change meanwhile. */
  constructor(logits: Float32Array, ids: Uint32Array) {
    const size = ids.length;
    this.#logits = logits;
    this.#ids = ids;
    this.#size = size;
    for (let node = (size >>> 1) - 1; node >= 0; node--) this.#sink(node);
  }

  /** The likeliest id left, or undefined when none is. */
  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const ids = this.#ids;
    const top = ids[0]!;
    this.#size -= 1;
    ids[0] = ids[this.#size]!;
    this.#sink(0);
    return top;
  }

  #sink(start: number): void {
    const [ids, logits, size] = [this.#ids, this.#logits, this.#size];
    const id = ids[start]!;
    const logit = logits[id]!;
    let node = start;
    for (;;) {
      let child = 2 * node + 1;
      if (child >= size) break;
      if (child + 1 < size && comesFirst(logits, ids[child + 1]!, ids[child]!)) child += 1;
      const childId = ids[child]!;
      const childLogit = logits[childId]!;
      if (childLogit < logit || (childLogit === logit && childId > id)) break;
      ids[node] = childId;
      node = child;
    }
    ids[node] = id;
  }
}

function comesFirst(logits: Float32Array, a: number, b: number): boolean {
  const [logitA, logitB] = [logits[a]!, logits[b]!];
  return logitA > logitB || (logitA === logitB && a < b);
}
