import type { Clock } from '../shared/index.ts';

/** A person cannot read faster, and every event costs a message between threads. */
const LEAST_INTERVAL_MS = 100;

/** Passes at most ten reports a second on; the first at once, and one that is `final` always. */
export function throttleProgress<T>(clock: Clock, report: (value: T) => void): (value: T, isFinal?: boolean) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value, isFinal = false) => {
    const now = clock.now();
    if (!isFinal && now - last < LEAST_INTERVAL_MS) return;
    last = now;
    report(value);
  };
}
