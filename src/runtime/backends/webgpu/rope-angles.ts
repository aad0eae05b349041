import type { RopeSpec } from '../../architectures/index.ts';

/**
 * Cosine and sine of every position and pair, `[position][pair][2]`. Angles are worked out in double precision on the
 * host: they reach thousands of turns, and WGSL promises nothing of `sin` and `cos` beyond ±π.
 * `factors` are the file's own divisors, one a pair, where it has them.
 */
export function ropeAngles(
  rope: RopeSpec,
  factors: Float32Array | undefined,
  positions: number,
): Float32Array<ArrayBuffer> {
  const pairs = rope.dimensions / 2;
  const table = new Float32Array(positions * pairs * 2);
  for (let pair = 0; pair < pairs; pair++) {
    const frequency = rope.base ** (-(2 * pair) / rope.dimensions) / rope.positionScale / (factors?.[pair] ?? 1);
    for (let position = 0; position < positions; position++) {
      const at = (position * pairs + pair) * 2;
      table[at] = Math.cos(position * frequency);
      table[at + 1] = Math.sin(position * frequency);
    }
  }
  return table;
}
