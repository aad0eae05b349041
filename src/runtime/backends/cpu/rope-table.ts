import type { RopeSpec } from '../../architectures/index.ts';

/**
 * Angular frequencies, one a pair, in double precision: angles reach thousands of turns at late positions, and f32 would
 * lose the fraction. `factors` are the file's own divisors, one a pair, where it has them.
 */
export function ropeFrequencies(rope: RopeSpec, factors: Float32Array | undefined): Float64Array {
  return Float64Array.from({ length: rope.dimensions / 2 }, (_, pair) => {
    const frequency = rope.base ** ((-2 * pair) / rope.dimensions);
    return frequency / (factors?.[pair] ?? 1) / rope.positionScale;
  });
}

/**
 * Fills `table` [count][2][dimensions] for positions from `position` on: cosines, then sines with the sign that the
 * rotation gives them: negative for the first of a pair, positive for the second.
 */
export function fillRopeTable(
  table: Float32Array,
  rope: RopeSpec,
  frequencies: Float64Array,
  position: number,
  count: number,
): void {
  const { dimensions } = rope;
  const half = dimensions / 2;
  for (let token = 0; token < count; token++) {
    const cosines = token * 2 * dimensions;
    const sines = cosines + dimensions;
    for (let pair = 0; pair < half; pair++) {
      const angle = (position + token) * frequencies[pair]!;
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      const first = rope.kind === 'interleaved' ? 2 * pair : pair;
      const second = rope.kind === 'interleaved' ? first + 1 : first + half;
      table[cosines + first] = cosine;
      table[cosines + second] = cosine;
      table[sines + first] = -sine;
      table[sines + second] = sine;
    }
  }
}
