/** More threads than this only wait for memory: a model small enough for a browser saturates it before. */
const MOST_THREADS = 8;

/**
 * How many threads to compute on, the inference thread included.
 *
 * `hardwareConcurrency` counts logical processors; two of one core share the vector units that the kernels fill, so above
 * four only every other one counts. Up to four the machine is likely a phone or a small virtual machine with real cores:
 * one is left to the page from three on, and two stay two, where both threads gave 1.5 times the speed of one.
 * Without cross-origin isolation there is no shared memory, hence one.
 */
export function chooseThreadCount(hardwareConcurrency: number | undefined, isIsolated: boolean): number {
  const logical = Math.floor(hardwareConcurrency ?? 1);
  if (!isIsolated || !(logical > 1)) return 1;
  if (logical === 2) return 2;
  if (logical <= 4) return logical - 1;
  return Math.min(MOST_THREADS, Math.max(3, Math.ceil(logical / 2)));
}
