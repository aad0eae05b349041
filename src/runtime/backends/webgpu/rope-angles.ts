import type { RopeSpec } from '../../architectures/index.ts';

/** A rope with the divisors that the file keeps for it, one a pair. */
export interface RopeWithFactors {
  readonly rope: RopeSpec;
  readonly factors: Float32Array | undefined;
}

/**
 * Cosine and sine of every position and pair, `[position][rope][pair][2]`, each rope up to whole vec4f. Angles are worked
 * out in double precision on the host: they reach thousands of turns, and WGSL promises nothing of `sin` and `cos` beyond ±π.
 */
export function ropeAngles(ropes: readonly RopeWithFactors[], positions: number): Float32Array<ArrayBuffer> {
  const stride = ropes.reduce((sum, { rope }) => sum + Math.ceil(rope.dimensions / 4) * 4, 0);
  const table = new Float32Array(positions * stride);
  let start = 0;
  for (const { rope, factors } of ropes) {
    const pairs = rope.dimensions / 2;
    const places = Math.ceil(rope.dimensions / 4) * 2;
    for (let pair = 0; pair < places; pair++) {
      // What fills the last vec4f up does not turn.
      const turns = pair < pairs;
      const angular = turns ? frequency(rope, factors, pair) : 0;
      const magnitude = turns ? rope.magnitude : 1;
      for (let position = 0; position < positions; position++) {
        const at = position * stride + start + pair * 2;
        table[at] = Math.cos(position * angular) * magnitude;
        table[at + 1] = Math.sin(position * angular) * magnitude;
      }
    }
    start += places * 2;
  }
  return table;
}

function frequency(rope: RopeSpec, factors: Float32Array | undefined, pair: number): number {
  const { dimensions, base, positionScale, yarn } = rope;
  const full = base ** ((-2 * pair) / dimensions) / (factors?.[pair] ?? 1);
  if (yarn === undefined) return full / positionScale;
  // YaRN (Peng et al., 2023): pairs that turn often keep their angle, slow ones are interpolated, those between are mixed.
  const pairOfTurns = (turns: number) =>
    (dimensions * Math.log(yarn.originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairOfTurns(yarn.betaFast)));
  const high = Math.min(dimensions - 1, Math.ceil(pairOfTurns(yarn.betaSlow)));
  const slowness = Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
  return (full / positionScale) * slowness + full * (1 - slowness);
}
