import type { RopeSpec } from '../../architectures/index.ts';

/** The angle of each pair at a position. `factors` are the file's divisors, one a pair, where it has them. */
export function ropeAngles(rope: RopeSpec, factors: ArrayLike<number> | undefined, position: number): Float64Array {
  const { dimensions, base, positionScale, yarn } = rope;
  return Float64Array.from({ length: dimensions / 2 }, (_, pair) => {
    const full = (position * base ** ((-2 * pair) / dimensions)) / (factors?.[pair] ?? 1);
    if (yarn === undefined) return full / positionScale;
    // YaRN: fast pairs keep their angle, slow ones are interpolated, those between are mixed.
    const pairOfTurns = (turns: number) =>
      (dimensions * Math.log(yarn.originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
    const low = Math.max(0, Math.floor(pairOfTurns(yarn.betaFast)));
    const high = Math.min(dimensions - 1, Math.ceil(pairOfTurns(yarn.betaSlow)));
    const slowness = Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
    return (full / positionScale) * slowness + full * (1 - slowness);
  });
}
