import { expect } from 'vitest';

/** Every value within `tolerance` of the expected one; the message names the worst. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(actual[i]! - expected[i]!);
    // No comparison with NaN is true: left as it is, it would pass.
    const distance = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (distance > worst) [worst, at] = [distance, i];
  }
  expect(worst, `value ${at} is ${actual[at]}, not ${expected[at]}`).toBeLessThanOrEqual(tolerance);
}
