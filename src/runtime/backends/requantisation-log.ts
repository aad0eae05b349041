import type { GgmlTypeName, GgufTensor } from '../../formats/gguf/types.ts';
import type { RequantisationLoss } from './blocks/index.ts';
import type { RequantisedWeights } from './decoder-backend.ts';

/** Sums up, by pair of types, what was requantised while a model was loaded and what it cost. */
export class RequantisationLog {
  readonly #entries = new Map<
    string,
    { from: GgmlTypeName; to: GgmlTypeName; names: Set<string>; errorSquares: number; squares: number }
  >();

  add({ name, type }: Pick<GgufTensor, 'name' | 'type'>, to: GgmlTypeName, loss: RequantisationLoss): void {
    const key = `${type} ${to}`;
    const entry = this.#entries.get(key) ?? { from: type, to, names: new Set(), errorSquares: 0, squares: 0 };
    this.#entries.set(key, entry);
    entry.names.add(name);
    entry.errorSquares += loss.errorSquares;
    entry.squares += loss.squares;
  }

  summary(): readonly RequantisedWeights[] {
    return [...this.#entries.values()].map(({ from, to, names, errorSquares, squares }) => ({
      from,
      to,
      tensors: names.size,
      relativeError: squares === 0 ? 0 : Math.sqrt(errorSquares / squares),
    }));
  }
}
