import { expect, it } from 'vitest';
import { ropeAngles } from './rope-angles.ts';

it('holds cosine and sine of every position and pair, scaled and divided as the file says', () => {
  const rope = {
    kind: 'interleaved',
    dimensions: 4,
    base: 100,
    positionScale: 2,
    factors: { name: 'rope_freqs.weight', type: 'F32', size: 2, first: 0 },
    longFactors: undefined,
    yarn: undefined,
    magnitude: 1,
  } as const;
  const table = ropeAngles(rope, Float32Array.of(1, 4), 4);
  expect(table).toHaveLength(4 * 2 * 2);
  // Frequencies: 100^0 = 1 and 100^(-1/2) = 0.1, the latter divided by 4; positions are halved.
  const angles = [3 / 2, (3 / 2) * (0.1 / 4)];
  const expected = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  for (const [i, value] of table.subarray(12).entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  expect([...table.subarray(0, 4)]).toEqual([1, 0, 1, 0]);
});
