import type { CompiledGrammar } from '../../../../protocol/index.ts';
import { type GrammarEngine, GrammarMask } from './grammar-mask.ts';
import { Pushdown } from './pushdown.ts';
import { TokenMasks } from './token-masks.ts';
import { TokenTrie, type TokenVocabulary } from './token-trie.ts';

/** A tokenizer as grammars need it. */
export interface GrammarVocabulary extends TokenVocabulary {
  readonly endTokenIds: ReadonlySet<number>;
  /** Text → tokens, as the model has learnt to write it. */
  encode(pieces: readonly { readonly kind: 'template' | 'text'; readonly text: string }[]): readonly number[];
}

/** Grammars whose masks are kept: those of an app that asks in the same few forms again and again. */
const MOST_GRAMMARS = 16;

/** The grammars of one model: a mask for each answer, and what was learnt from the answers before. */
export interface Grammars {
  /** A mask for one answer. `key` names the grammar: the same key, the same grammar. */
  mask(key: string, grammar: CompiledGrammar): GrammarMask;
}

/** The trie of the vocabulary is made at the first use. */
export function createGrammars(vocabulary: GrammarVocabulary): Grammars {
  let trie: TokenTrie | undefined;
  const engines = new Map<string, GrammarEngine>();
  const create = (grammar: CompiledGrammar): GrammarEngine => {
    trie ??= new TokenTrie(vocabulary);
    const pushdown = new Pushdown(grammar);
    return {
      pushdown,
      masks: new TokenMasks(pushdown, trie),
      tokenBytes: (id) => vocabulary.tokenBytes(id),
      endTokenIds: [...vocabulary.endTokenIds],
      encode: (text) => vocabulary.encode([{ kind: 'text', text }]),
    };
  };
  return {
    mask(key, grammar) {
      const engine = engines.get(key) ?? create(grammar);
      engines.delete(key);
      engines.set(key, engine);
      const oldest = engines.keys().next().value;
      if (engines.size > MOST_GRAMMARS && oldest !== undefined) engines.delete(oldest);
      return new GrammarMask(engine);
    },
  };
}
