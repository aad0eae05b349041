import type { DownloadEvent } from '../protocol/index.ts';
import type { Clock } from '../shared/index.ts';
import { throttleProgress } from './progress-throttle.ts';

/** The rate is that of the last seconds: a person wants to know how it goes now. */
const WINDOW_MS = 5_000;
/** Before so much time has passed a rate says nothing. */
const LEAST_MS = 500;

/** How much of a download is there: a message ten times a second, with the rate and the time that is left. */
export class DownloadProgress {
  readonly #clock: Clock;
  readonly #report: (event: DownloadEvent, isFinal?: boolean) => void;
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(clock: Clock, tell: (event: DownloadEvent) => void) {
    this.#clock = clock;
    this.#report = throttleProgress(clock, tell);
  }

  /** Bytes of all files that are stored or in memory, of so many. */
  report(loadedBytes: number, totalBytes: number, isFinal = false): void {
    this.#report(
      { type: 'download-progress', loadedBytes, totalBytes, ...this.#rate(loadedBytes, totalBytes) },
      isFinal,
    );
  }

  #rate(loadedBytes: number, totalBytes: number): { bytesPerSecond?: number; secondsLeft?: number } {
    const now = this.#clock.now();
    const samples = this.#samples;
    const last = samples.at(-1);
    // Chunks that were refused, or dropped, take the count back: what was measured before then counts for nothing.
    if (last !== undefined && loadedBytes < last.bytes) samples.length = 0;
    if (last === undefined || now - last.at >= 50) samples.push({ at: now, bytes: loadedBytes });
    while (samples.length > 2 && now - samples[0]!.at > WINDOW_MS) samples.shift();
    const [first] = samples;
    const elapsed = first === undefined ? 0 : now - first.at;
    if (first === undefined || elapsed < LEAST_MS || loadedBytes <= first.bytes) return {};
    const bytesPerSecond = ((loadedBytes - first.bytes) / elapsed) * 1000;
    return {
      bytesPerSecond: Math.round(bytesPerSecond),
      secondsLeft: Math.ceil((totalBytes - loadedBytes) / bytesPerSecond),
    };
  }
}
