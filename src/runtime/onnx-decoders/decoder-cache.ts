import type { Tensor } from '@xenova/transformers';

/** Names of what a step gives back, and under which it is handed to the next one. */
const ATTENTION = 'past_key_values';

/** Axis of the positions in keys and values: [batch, heads, positions, values]. */
const POSITIONS = -2;

type Values = Exclude<Tensor['data'], readonly unknown[]> & { slice(from: number, to: number): Tensor['data'] };

/** Keys and values of the tokens read so far, as the runtime gave them. */
export class DecoderCache {
  readonly #make: (source: Tensor, data: Tensor['data'], dims: number[]) => Tensor;
  #entries: ReadonlyMap<string, Tensor> = new Map();
  #position = 0;

  /** @param make Makes a tensor of the same kind. */
  constructor(make: (source: Tensor, data: Tensor['data'], dims: number[]) => Tensor) {
    this.#make = make;
  }

  /** Tokens it holds. */
  get position(): number {
    return this.#position;
  }

  /** What the next step is given; undefined for the first one. */
  get entries(): Record<string, Tensor> | undefined {
    return this.#position === 0 ? undefined : Object.fromEntries(this.#entries);
  }

  /** Takes what a step has left behind. */
  update(outputs: Readonly<Record<string, Tensor>>, tokens: number): void {
    const next = new Map<string, Tensor>();
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name.startsWith('present')) next.set(pastName(name), tensor);
    }
    this.#replace(next);
    this.#position += tokens;
  }

  /**
   * Forgets all tokens from `position` on. What lies on a graphics device, and states that every token changes, cannot be
   * cut: then all of it is forgotten.
   */
  truncate(position: number): void {
    if (position >= this.#position) return;
    const cut = position === 0 ? undefined : this.#cut(position);
    this.#replace(cut ?? new Map());
    this.#position = cut === undefined ? 0 : position;
  }

  #cut(position: number): ReadonlyMap<string, Tensor> | undefined {
    const cut = new Map<string, Tensor>();
    for (const [name, tensor] of this.#entries) {
      const { dims, location } = tensor;
      const isCuttable =
        name.startsWith(`${ATTENTION}.`) && location === 'cpu' && dims.at(POSITIONS) === this.#position;
      if (!isCuttable) return undefined;
      cut.set(name, this.#make(tensor, firstPositions(tensor, position), dims.with(POSITIONS, position)));
    }
    return cut;
  }

  #replace(next: ReadonlyMap<string, Tensor>): void {
    for (const [name, tensor] of this.#entries) {
      if (tensor.location !== 'cpu' && next.get(name) !== tensor) void tensor.dispose();
    }
    this.#entries = next;
  }
}

/** "present.0.key" comes back as "past_key_values.0.key", "present_conv.0" as "past_conv.0". */
export function pastName(name: string): string {
  return name.startsWith('present_') ? name.replace('present', 'past') : name.replace('present', ATTENTION);
}

function firstPositions({ data, dims }: Tensor, position: number): Tensor['data'] {
  const values = data as Values;
  const [positions = 0, size = 0] = dims.slice(POSITIONS);
  const planes = dims.slice(0, POSITIONS).reduce((product, dim) => product * dim, 1);
  const result = new (values.constructor as Float32ArrayConstructor)(planes * position * size);
  for (let plane = 0; plane < planes; plane++) {
    const from = plane * positions * size;
    result.set(values.slice(from, from + position * size) as Float32Array, plane * position * size);
  }
  return result;
}
