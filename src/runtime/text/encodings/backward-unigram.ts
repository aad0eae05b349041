import { invalid, TOKEN, type Vocabulary } from '../vocabulary/index.ts';
import { byteToken, type TextEncoding } from './text-encoding.ts';

const encoder = new TextEncoder();

/** Costs are whole ten-thousandths of a score turned round; tokens that cost as much as two unknown characters are not used. */
const SCORE_SCALE = 1e4;
const UNKNOWN_COST = 1e7;

/**
 * PLaMo's unigram model: of all ways to write a text as tokens, the cheapest, found from the text's end; of equals the one
 * whose first token is longest. Texts stand in the vocabulary as they are, spaces too. What it cannot write becomes byte
 * tokens (source: `llm_tokenizer_plamo2` of llama.cpp).
 */
export class BackwardUnigramEncoding implements TextEncoding {
  readonly addsSpacePrefix = false;
  readonly #tokens = new Map<string, { readonly id: number; readonly cost: number }>();
  /** Longest token, in UTF-16 code units, by its first code unit. */
  readonly #longest = new Map<number, number>();
  readonly #byteIds: readonly number[];

  constructor({ fields, tokens, kinds, textIds }: Vocabulary) {
    const scores = fields.numbers('scores', tokens.length);
    if (!scores) throw invalid('scores', 'is missing');
    for (const [text, id] of textIds) {
      const cost = Math.round(-(scores[id] ?? 0) * SCORE_SCALE);
      if (((kinds[id] ?? 0) & TOKEN.byte) !== 0 || !(cost < 2 * UNKNOWN_COST)) continue;
      this.#tokens.set(text, { id, cost });
      const first = text.charCodeAt(0);
      this.#longest.set(first, Math.max(text.length, this.#longest.get(first) ?? 0));
    }
    this.#byteIds = Array.from({ length: 256 }, (_, byte) => {
      const id = textIds.get(byteToken(byte));
      if (id === undefined) throw invalid('tokens', `lacks the byte token ${byteToken(byte)}`);
      return id;
    });
  }

  *encode(text: string): Generator<readonly number[]> {
    const written = text.startsWith('\uFEFF') ? text.slice(1) : text;
    if (written !== '') yield this.#cheapest(written);
  }

  bytesOf(token: string): Uint8Array {
    return encoder.encode(token);
  }

  #cheapest(text: string): number[] {
    const { length } = text;
    const costs = new Float64Array(length + 1);
    /** Of the token that starts there: its length, and its id, or −1 for a character that no token writes. */
    const lengths = new Int32Array(length);
    const ids = new Int32Array(length);
    for (let start = length - 1; start >= 0; start--) {
      // Nothing starts inside a character.
      if (/[\udc00-\udfff]/.test(text[start] ?? '')) continue;
      const character = (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
      let best = (costs[start + character] ?? 0) + UNKNOWN_COST;
      lengths[start] = character;
      ids[start] = -1;
      const longest = Math.min(this.#longest.get(text.charCodeAt(start)) ?? 0, length - start);
      for (let size = 1; size <= longest; size++) {
        const token = this.#tokens.get(text.slice(start, start + size));
        if (token === undefined) continue;
        const cost = (costs[start + size] ?? 0) + token.cost;
        if (cost > best) continue;
        best = cost;
        lengths[start] = size;
        ids[start] = token.id;
      }
      costs[start] = best;
    }
    const found: number[] = [];
    for (let start = 0, end = 0; start < length; start = end) {
      end = start + (lengths[start] ?? 1);
      const id = ids[start] ?? -1;
      if (id >= 0) found.push(id);
      else for (const byte of encoder.encode(text.slice(start, end))) found.push(this.#byteIds[byte] ?? 0);
    }
    return found;
  }
}
