import { contentWordsOf, wordsOf } from './words.ts';

interface Entry {
  /** Counts up from one entry to the next: scores are kept by it. */
  readonly id: number;
  readonly text: string;
  readonly headings: string;
}

/** Constants of BM25+ (source: Lv and Zhai, CIKM 2011): how soon more of a word counts no more, and how much long passages lose. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.7;
const LOWER_BOUND = 0.5;

/** Words this long are found by their beginnings, too: endings differ from language to language. */
const LEAST_PREFIX = 5;
const PREFIX_WEIGHT = 0.2;
/** What each further letter takes from a word that only begins like the one asked for. */
const LETTER_PENALTY = 0.3;

/** Where a word occurs, entry by entry, and how often there. */
interface Postings {
  ids: number[];
  counts: number[];
}

/** One part of the entries: its words, and how many each entry has. */
class Field {
  readonly boost: number;
  readonly postings = new Map<string, Postings>();
  readonly lengths: number[] = [];
  words = 0;

  constructor(boost: number) {
    this.boost = boost;
  }

  /** Adds the words of an entry; calls back for each word that is new here. */
  add(id: number, words: readonly string[], onNew: (word: string) => void): void {
    this.lengths[id] = words.length;
    this.words += words.length;
    for (const word of words) {
      const postings = this.postings.get(word);
      if (postings === undefined) {
        this.postings.set(word, { ids: [id], counts: [1] });
        onNew(word);
      } else if (postings.ids.at(-1) === id) {
        postings.counts[postings.counts.length - 1]! += 1;
      } else {
        postings.ids.push(id);
        postings.counts.push(1);
      }
    }
  }

  remove(removed: ReadonlySet<number>): void {
    for (const id of removed) {
      this.words -= this.lengths[id] ?? 0;
      delete this.lengths[id];
    }
    for (const [word, { ids, counts }] of this.postings) {
      if (!ids.some((id) => removed.has(id))) continue;
      const kept = ids.flatMap((id, index) => (removed.has(id) ? [] : [index]));
      if (kept.length === 0) this.postings.delete(word);
      else this.postings.set(word, { ids: kept.map((at) => ids[at]!), counts: kept.map((at) => counts[at]!) });
    }
  }
}

/** BM25 over passages by number; headings count for more than the text below them. */
export class KeywordIndex {
  readonly #headings = new Field(1.5);
  readonly #text = new Field(1);
  readonly #fields = [this.#headings, this.#text] as const;
  /** Words by their first letters, so that those that begin like another one are at hand. */
  readonly #byStart = new Map<string, Set<string>>();
  /** Removed since the last question: taken out in one pass, however many documents went. */
  readonly #removed = new Set<number>();
  #count = 0;
  #end = 0;

  add(entries: readonly Entry[]): void {
    const isNew = (word: string) => {
      if (word.length <= LEAST_PREFIX) return;
      const start = word.slice(0, LEAST_PREFIX);
      const words = this.#byStart.get(start);
      if (words === undefined) this.#byStart.set(start, new Set([word]));
      else words.add(word);
    };
    for (const { id, text, headings } of entries) {
      this.#headings.add(id, wordsOf(headings), isNew);
      this.#text.add(id, wordsOf(text), isNew);
      this.#end = Math.max(this.#end, id + 1);
    }
    this.#count += entries.length;
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) this.#removed.add(id);
    this.#count -= ids.length;
  }

  /** Passages by BM25, best first. */
  find(query: string, limit: number, isWanted: (id: number) => boolean): readonly number[] {
    this.#sweep();
    const scores = new Float64Array(this.#end);
    /** How many words of the question an entry has, and the last one that was counted. */
    const matches = new Uint16Array(this.#end);
    const last = new Uint16Array(this.#end);
    const found: number[] = [];
    contentWordsOf(query).forEach((asked, index) => {
      for (const [word, weight] of this.#wordsLike(asked)) {
        for (const field of this.#fields) {
          const postings = field.postings.get(word);
          if (postings === undefined) continue;
          const { ids, counts } = postings;
          const rarity = Math.log(1 + (this.#count - ids.length + 0.5) / (ids.length + 0.5));
          const factor = weight * field.boost * rarity;
          const average = field.words / this.#count;
          for (let at = 0; at < ids.length; at++) {
            const id = ids[at]!;
            const count = counts[at]!;
            const length = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * field.lengths[id]!) / average);
            if (matches[id] === 0) found.push(id);
            if (last[id] !== index + 1) {
              last[id] = index + 1;
              matches[id]! += 1;
            }
            scores[id]! += factor * (LOWER_BOUND + (count * (SATURATION + 1)) / (count + length));
          }
        }
      }
    });
    // Two words of the question in one passage say more than one of them twice.
    for (const id of found) scores[id]! *= matches[id]!;
    return best(found.filter(isWanted), scores, limit);
  }

  /** The word itself, and longer ones that begin like it, for less. */
  #wordsLike(asked: string): readonly (readonly [word: string, weight: number])[] {
    const like: (readonly [string, number])[] = [[asked, 1]];
    if (asked.length < LEAST_PREFIX) return like;
    for (const word of this.#byStart.get(asked.slice(0, LEAST_PREFIX)) ?? []) {
      const further = word.length - asked.length;
      if (further <= 0 || !word.startsWith(asked)) continue;
      like.push([word, (PREFIX_WEIGHT * asked.length) / (asked.length + LETTER_PENALTY * further)]);
    }
    return like;
  }

  #sweep(): void {
    if (this.#removed.size === 0) return;
    for (const field of this.#fields) field.remove(this.#removed);
    this.#removed.clear();
    for (const [start, words] of this.#byStart) {
      for (const word of words) if (!this.#fields.some(({ postings }) => postings.has(word))) words.delete(word);
      if (words.size === 0) this.#byStart.delete(start);
    }
  }
}

/** The ids of the highest scores, best first; of equals, the earlier. */
function best(ids: readonly number[], scores: Float64Array, limit: number): readonly number[] {
  const kept: number[] = [];
  for (const id of ids) {
    const score = scores[id]!;
    if (kept.length === limit && score <= scores[kept[limit - 1]!]!) continue;
    let place = kept.length;
    while (place > 0 && scores[kept[place - 1]!]! < score) place -= 1;
    kept.splice(place, 0, id);
    if (kept.length > limit) kept.pop();
  }
  return kept;
}
