import { parsePartialJson } from './partial-json.ts';

/** The values that the answers to one request hold so far. */
export class PartialValues {
  readonly #texts = new Map<number, string>();
  readonly #prefix: string;

  /** `prefix`: what of every answer was written already. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** What an answer holds after one more piece of its text. */
  after(index: number, text: string): unknown {
    const whole = (this.#texts.get(index) ?? this.#prefix) + text;
    this.#texts.set(index, whole);
    return parsePartialJson(whole);
  }

  /** The value of a finished answer; null where it was cut before its end. */
  finished(text: string): unknown {
    try {
      return JSON.parse(this.#prefix + text);
    } catch {
      return null;
    }
  }
}
