import { type Draft, type Drafter, gradeOf, MOST_DRAFTED, NO_DRAFT, RESUMED } from './drafter.ts';

/** Places looked at for each pair of tokens, latest first. */
const MOST_PLACES = 24;
/** A longer match says no more. */
const LONGEST_MATCH = 16;
/** Another continuation contests a guess whose match is at most so many times as long. */
const CONTEST = 2;
/** A field that differs from what the text follows (a name, a number) has at most so many tokens. */
const LONGEST_FIELD = 6;

interface Match {
  /** Index of the token that followed. */
  readonly place: number;
  readonly length: number;
  readonly isContested: boolean;
}

/**
 * Guesses that a text goes on as it did before (prompt lookup decoding, Saxena 2023): finds the longest stretch that ends
 * like the text does now and proposes what followed it. Good for summaries, edits, extraction, code. Where the text leaves
 * what it follows for a few tokens, as records and edits do, guesses begin again at the first token that is in both.
 */
export class PromptLookup implements Drafter {
  readonly #tokens: number[] = [];
  /** Where each pair of neighbouring tokens occurred: index of the token behind it. */
  readonly #places = new Map<number, number[]>();
  /** Index of the token that would come next if the text went on as what was proposed last; undefined: it does not. */
  #followed: number | undefined;
  /** Tokens since the text left what it follows. */
  #astray = 0;

  append(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.#follow(token);
      this.#tokens.push(token);
      const end = this.#tokens.length;
      if (end < 2) continue;
      const key = pairKey(this.#tokens[end - 2]!, token);
      const places = this.#places.get(key);
      if (places === undefined) this.#places.set(key, [end]);
      else places.push(end);
    }
  }

  draft(most: (grades: readonly number[]) => number): Draft {
    const match = this.#longestMatch();
    const place = match?.place ?? this.#resumedPlace();
    if (place === undefined) return NO_DRAFT;
    const tokens = this.#tokens.slice(place, place + MOST_DRAFTED);
    // Each right guess makes the match longer by one.
    const grades = tokens.map((_, index) => {
      if (match !== undefined) return gradeOf(match.length + index, match.isContested && index === 0);
      return index === 0 ? RESUMED : gradeOf(1 + index, false);
    });
    this.#followed = place;
    this.#astray = 0;
    return { tokens, grades, count: Math.min(tokens.length, most(grades)) };
  }

  #follow(token: number): void {
    if (this.#followed === undefined) return;
    if (this.#astray === 0 && this.#tokens[this.#followed] === token) this.#followed += 1;
    else if (this.#astray === LONGEST_FIELD) this.#followed = undefined;
    else this.#astray += 1;
  }

  #longestMatch(): Match | undefined {
    const tokens = this.#tokens;
    const end = tokens.length;
    if (end < 2) return undefined;
    const all = this.#places.get(pairKey(tokens[end - 2]!, tokens[end - 1]!)) ?? [];
    // The last place is where the text ends now: nothing follows it.
    const places = all.slice(Math.max(0, all.length - 1 - MOST_PLACES), -1).reverse();
    const lengths = places.map((place) => this.#matchLength(place));
    const length = Math.max(0, ...lengths);
    if (length === 0) return undefined;
    const place = places[lengths.indexOf(length)]!;
    const differs = (other: number) => tokens[other] !== tokens[place];
    const isContested = places.some((other, index) => lengths[index]! * CONTEST >= length && differs(other));
    return { place, length, isContested };
  }

  /** How many tokens before a place are those before the end. */
  #matchLength(place: number): number {
    const tokens = this.#tokens;
    const end = tokens.length;
    let length = 2;
    while (length < LONGEST_MATCH && place > length && tokens[place - length - 1] === tokens[end - length - 1])
      length += 1;
    return length;
  }

  /** Behind the last token, where it stands in what the text followed, soon after the place where it left it. */
  #resumedPlace(): number | undefined {
    if (this.#followed === undefined || this.#astray === 0) return undefined;
    const last = this.#tokens.length - 1;
    const end = Math.min(this.#followed + LONGEST_FIELD + 1, last);
    for (let index = this.#followed; index < end; index++) {
      if (this.#tokens[index] === this.#tokens[last]) return index + 1;
    }
    return undefined;
  }
}

/** One number for two token ids: a vocabulary has fewer than 2²⁰ tokens, and a number holds 53 bits. */
function pairKey(first: number, second: number): number {
  return first * 2 ** 26 + second;
}
