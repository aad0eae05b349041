/** What the matcher lets through, and whether a stop string has been met. */
export interface StopMatch {
  /** Text that can be shown: no part of it will turn out to belong to a stop string. */
  readonly text: string;
  readonly isStopped: boolean;
}

/**
 * Holds back text that could be the beginning of a stop string, so that no part of one is ever shown.
 * The stop string that is complete first ends the text (of two that end together, the longer); what stands before it is
 * kept. The outcome does not depend on how the text was cut into pushes.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = '';
  #isStopped = false;

  /** Empty stop strings are ignored: they would end every text before it begins. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
    this.#longest = this.#stops.reduce((length, stop) => Math.max(length, stop.length), 0);
  }

  /** Takes the next text; after a stop everything is swallowed. */
  push(text: string): StopMatch {
    if (this.#isStopped) return { text: '', isStopped: true };
    const all = this.#held + text;
    const stop = this.#firstStop(all);
    if (stop !== undefined) {
      this.#isStopped = true;
      this.#held = '';
      return { text: all.slice(0, stop), isStopped: true };
    }
    const keep = this.#possibleStart(all);
    this.#held = all.slice(keep);
    return { text: all.slice(0, keep), isStopped: false };
  }

  /** Ends the text: what was held back belongs to no stop string after all. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** Where the stop string begins that is complete first. */
  #firstStop(text: string): number | undefined {
    let begin: number | undefined;
    let end = Number.POSITIVE_INFINITY;
    for (const stop of this.#stops) {
      const index = text.indexOf(stop);
      if (index === -1) continue;
      const stopEnd = index + stop.length;
      if (stopEnd < end || (stopEnd === end && begin !== undefined && index < begin)) [begin, end] = [index, stopEnd];
    }
    return begin;
  }

  /** Where the longest suffix begins that a stop string could begin with; the length of the text if there is none. */
  #possibleStart(text: string): number {
    for (let start = Math.max(0, text.length - this.#longest + 1); start < text.length; start++) {
      const suffix = text.slice(start);
      if (this.#stops.some((stop) => stop.startsWith(suffix))) return start;
    }
    return text.length;
  }
}
