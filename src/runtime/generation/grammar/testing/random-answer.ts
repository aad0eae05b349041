import type { CompiledGrammar } from '../../../../protocol/index.ts';
import { createTokenizer, type Tokenizer } from '../../../text/index.ts';
import { readModelHeader } from '../../../text/testing/model-file.ts';
import type { GrammarMask } from '../match/grammar-mask.ts';
import type { GrammarVocabulary } from '../match/grammars.ts';
import { Pushdown } from '../match/pushdown.ts';
import { shortestEnd } from './shortest-end.ts';

/** Numbers from 0 to 1, the same for the same seed (the generator is mulberry32, by Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The tokenizer of the embedded model. */
export async function embeddedTokenizer(): Promise<Tokenizer> {
  return createTokenizer(await readModelHeader());
}

/** Its first tokens only: every byte, the commonest pieces and the end token. */
export function firstTokens(tokenizer: Tokenizer, vocabularySize: number): GrammarVocabulary {
  return {
    vocabularySize,
    endTokenIds: tokenizer.endTokenIds,
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    encode: () => [],
  };
}

/** The ids whose bits are set. */
export function idsOf(mask: Uint32Array): number[] {
  const ids: number[] = [];
  for (const [index, word] of mask.entries()) {
    for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) ids.push(index * 32 + bit);
  }
  return ids;
}

/** Tokens after which an answer is brought to its end by the shortest way. */
const PATIENCE = 40;
const CLOSING = new Set(new TextEncoder().encode('"}]'));

/**
 * An answer of a model that knows nothing: any of the possible tokens, each as likely as the next. When it has gone on for
 * long enough it takes the shortest way to an end, byte by byte, of which the mask must allow every one.
 */
export function randomAnswer(
  grammar: CompiledGrammar,
  mask: GrammarMask,
  vocabulary: GrammarVocabulary,
  random: () => number,
): string {
  const pushdown = new Pushdown(grammar);
  let state = pushdown.start();
  const bytes: number[] = [];
  const accept = (id: number) => {
    mask.accept(id);
    for (const byte of vocabulary.tokenBytes(id)) {
      bytes.push(byte);
      const next = pushdown.step(state, byte);
      if (next === null) throw new Error(`byte ${byte} is not possible`);
      state = next;
    }
  };
  const text = () => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  for (let tokens = 0; tokens < PATIENCE; tokens++) {
    const forced = mask.forced();
    for (const id of forced.length > 0 ? forced : [choose(mask, vocabulary, random)]) {
      if (vocabulary.endTokenIds.has(id)) return text();
      accept(id);
    }
  }
  for (const byte of shortestEnd(pushdown, state)) {
    const id = idsOf(mask.allowed()).find((other) => {
      const spelt = vocabulary.tokenBytes(other);
      return spelt.length === 1 && spelt[0] === byte;
    });
    if (id === undefined) throw new Error(`the mask does not allow byte ${byte}, the shortest way to an end`);
    accept(id);
  }
  if (!mask.isComplete) throw new Error('the mask does not see the end');
  return text();
}

function choose(mask: GrammarMask, vocabulary: GrammarVocabulary, random: () => number): number {
  const ids = idsOf(mask.allowed());
  const closing = random() < 0.2 ? ids.filter((id) => CLOSING.has(vocabulary.tokenBytes(id)[0] ?? 0)) : [];
  const from = closing.length > 0 ? closing : ids;
  return from[Math.floor(random() * from.length)] ?? -1;
}
