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
  const table = ropeAngles([{ rope, factors: Float32Array.of(1, 4) }], 4);
  expect(table).toHaveLength(4 * 2 * 2);
  // Frequencies: 100^0 = 1 and 100^(-1/2) = 0.1, the latter divided by 4; positions are halved.
  const angles = [3 / 2, (3 / 2) * (0.1 / 4)];
  const expected = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  for (const [i, value] of table.subarray(12).entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  expect([...table.subarray(0, 4)]).toEqual([1, 0, 1, 0]);
});

it('puts ropes side by side, fills up what is no whole vec4f without turning, and stretches slow pairs as YaRN does', () => {
  const plain = {
    kind: 'halves',
    dimensions: 2,
    base: 10,
    positionScale: 1,
    factors: undefined,
    longFactors: undefined,
    yarn: undefined,
    magnitude: 2,
  } as const;
  const yarn = { originalContext: 64, betaFast: 32, betaSlow: 1 };
  const stretched = { ...plain, dimensions: 8, base: 10_000, positionScale: 4, yarn, magnitude: 1 } as const;
  const table = ropeAngles(
    [plain, stretched].map((rope) => ({ rope, factors: undefined })),
    3,
  );
  expect(table).toHaveLength(3 * (4 + 8));
  const [cosine, sine, filledCosine, filledSine] = table.subarray(12);
  expect([cosine! / 2, sine! / 2]).toEqual([expect.closeTo(Math.cos(1), 6), expect.closeTo(Math.sin(1), 6)]);
  expect([filledCosine, filledSine]).toEqual([1, 0]);
  // The fastest pair keeps its angle, the slowest goes a quarter as fast.
  expect(Math.atan2(table[24 + 5]!, table[24 + 4]!)).toBeCloseTo(2, 6);
  expect(Math.atan2(table[24 + 11]!, table[24 + 10]!)).toBeCloseTo((2 * 10_000 ** (-6 / 8)) / 4, 6);
});
