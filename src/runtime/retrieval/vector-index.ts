/** Unit vectors by number, compared one by one: exact, and for ten thousand of them a matter of milliseconds. */
export class VectorIndex {
  #dimensions = 0;
  #vectors = new Float32Array(0);
  #ids: number[] = [];
  #count = 0;

  /** What each vector holds; 0: there are none yet. */
  get dimensions(): number {
    return this.#count === 0 ? 0 : this.#dimensions;
  }

  /** @param vectors unit vectors, one after the other: ids.length × dimensions */
  add(ids: readonly number[], vectors: Float32Array, dimensions: number): void {
    this.#dimensions = dimensions;
    const needed = (this.#count + ids.length) * dimensions;
    if (needed > this.#vectors.length) {
      const grown = new Float32Array(Math.max(needed, this.#vectors.length * 2));
      grown.set(this.#vectors.subarray(0, this.#count * dimensions));
      this.#vectors = grown;
    }
    this.#vectors.set(vectors, this.#count * dimensions);
    // One by one: a document of a hundred thousand passages has more than a call takes arguments.
    for (const id of ids) this.#ids.push(id);
    this.#count += ids.length;
  }

  remove(ids: ReadonlySet<number>): void {
    const size = this.#dimensions;
    let kept = 0;
    for (let index = 0; index < this.#count; index++) {
      const id = this.#ids[index];
      if (id === undefined || ids.has(id)) continue;
      if (kept !== index) this.#vectors.copyWithin(kept * size, index * size, (index + 1) * size);
      this.#ids[kept] = id;
      kept += 1;
    }
    this.#count = kept;
    this.#ids.length = kept;
  }

  /** The nearest by cosine, best first. */
  find(
    query: Float32Array,
    limit: number,
    isWanted: (id: number) => boolean,
  ): readonly { readonly id: number; readonly cosine: number }[] {
    const size = this.#dimensions;
    if (query.length !== size) return [];
    const best: { id: number; cosine: number }[] = [];
    for (let index = 0; index < this.#count; index++) {
      const id = this.#ids[index] ?? -1;
      if (!isWanted(id)) continue;
      const start = index * size;
      const cosine = dot(query, this.#vectors, start);
      if (best.length === limit && cosine <= (best.at(-1)?.cosine ?? 0)) continue;
      let place = best.length;
      while (place > 0 && (best[place - 1]?.cosine ?? 0) < cosine) place -= 1;
      best.splice(place, 0, { id, cosine });
      if (best.length > limit) best.pop();
    }
    return best;
  }
}

/** Four sums side by side: the processor need not wait for one before it begins the next. The rest is added singly. */
function dot(query: Float32Array, vectors: Float32Array, start: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = query.length - (query.length % 4);
  for (let column = 0; column < end; column += 4) {
    const at = start + column;
    a += query[column]! * vectors[at]!;
    b += query[column + 1]! * vectors[at + 1]!;
    c += query[column + 2]! * vectors[at + 2]!;
    d += query[column + 3]! * vectors[at + 3]!;
  }
  for (let column = end; column < query.length; column++) a += query[column]! * vectors[start + column]!;
  return a + b + c + d;
}
