import type { RopeSpec, YarnSpec } from '../../architectures/index.ts';

/**
 * Angular frequencies, one a pair, in double precision: angles reach thousands of turns at late positions, and f32 would
 * lose the fraction. `factors` are the file's own divisors, one a pair, where it has them.
 */
export function ropeFrequencies(rope: RopeSpec, factors: Float32Array | undefined): Float64Array {
  return Float64Array.from({ length: rope.dimensions / 2 }, (_, pair) => {
    const frequency = rope.base ** ((-2 * pair) / rope.dimensions) / (factors?.[pair] ?? 1);
    const slow = frequency / rope.positionScale;
    if (rope.yarn === undefined) return slow;
    const share = interpolatedShare(rope, rope.yarn, pair);
    return slow * share + frequency * (1 - share);
  });
}

/** YaRN: 0 for pairs that turn often over the original context and stay as they are, 1 for those that hardly turn. */
function interpolatedShare({ dimensions, base }: RopeSpec, yarn: YarnSpec, pair: number): number {
  const pairWith = (turns: number) =>
    (dimensions * Math.log(yarn.originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairWith(yarn.betaFast)));
  const high = Math.min(dimensions - 1, Math.ceil(pairWith(yarn.betaSlow)));
  return Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
}

/**
 * Fills `table` [rows][2][dimensions] for the position of each row: cosines, then sines with the sign that the
 * rotation gives them: negative for the first of a pair, positive for the second.
 */
export function fillRopeTable(
  table: Float32Array,
  rope: RopeSpec,
  frequencies: Float64Array,
  rows: readonly { readonly position: number }[],
): void {
  const { dimensions } = rope;
  const half = dimensions / 2;
  for (const [token, { position }] of rows.entries()) {
    const cosines = token * 2 * dimensions;
    const sines = cosines + dimensions;
    for (let pair = 0; pair < half; pair++) {
      const angle = position * frequencies[pair]!;
      const cosine = rope.magnitude * Math.cos(angle);
      const sine = rope.magnitude * Math.sin(angle);
      const first = rope.kind === 'interleaved' ? 2 * pair : pair;
      const second = rope.kind === 'interleaved' ? first + 1 : first + half;
      table[cosines + first] = cosine;
      table[cosines + second] = cosine;
      table[sines + first] = -sine;
      table[sines + second] = sine;
    }
  }
}
