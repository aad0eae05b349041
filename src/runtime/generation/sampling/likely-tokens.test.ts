import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NEGLIGIBLE, weightOf } from './exponential.ts';
import { LikelyTokens } from './likely-tokens.ts';

/** Few values, so that many are equal; the lengths end within a block, and within four. */
const logits = fc
  .array(fc.constantFrom(-3, -0.5, -0, 0, 1, 2.25, Number.NEGATIVE_INFINITY), { minLength: 1, maxLength: 200 })
  .map((values) => Float32Array.from(values));

it('finds the likeliest, of equals the lowest id, and all above a bound in order', () => {
  fc.assert(
    fc.property(logits, fc.constantFrom(-3, 0, 1.5, Number.NEGATIVE_INFINITY), (values, lowest) => {
      fc.pre(values.some((value) => value > Number.NEGATIVE_INFINITY));
      const likely = new LikelyTokens(values);
      expect(likely.best).toBe(values.indexOf(Math.max(...values)));
      const ids = new Uint32Array(values.length);
      const found = [...ids.subarray(0, likely.gather(lowest, ids))];
      expect(found).toEqual([...values.keys()].filter((id) => values[id]! >= lowest));
    }),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s wherever it stands, by its token', (wrong) => {
  fc.assert(
    fc.property(logits, fc.nat(), (values, place) => {
      const token = place % values.length;
      values[token] = wrong;
      expect(() => new LikelyTokens(values)).toThrow(expect.objectContaining({ code: 'numeric-fault' }));
      expect(() => new LikelyTokens(values)).toThrow(`token ${token}`);
    }),
  );
});

it('refuses logits of which none is possible', () => {
  const none = new Float32Array(70).fill(Number.NEGATIVE_INFINITY);
  expect(() => new LikelyTokens(none)).toThrow(expect.objectContaining({ code: 'numeric-fault' }));
});

it('weighs like the exponential function, and the negligible as nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: -NEGLIGIBLE, max: 0, noNaN: true }), (difference) => {
      expect(Math.abs(weightOf(difference) / Math.exp(difference) - 1)).toBeLessThan(1e-14);
    }),
    { numRuns: 2_000 },
  );
  expect([0, -1e-45, -1e-20].map(weightOf)).toEqual([1, 1, 1]);
  expect([-NEGLIGIBLE - 1e-9, Number.NEGATIVE_INFINITY, Number.NaN].map(weightOf)).toEqual([0, 0, 0]);
});
