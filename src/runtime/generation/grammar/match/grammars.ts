import type { CompiledGrammar, PromptPiece } from '../../../../protocol/index.ts';
import { SottoError } from '../../../../shared/index.ts';
import { GrammarMask } from './grammar-mask.ts';
import { Pushdown, type State } from './pushdown.ts';
import { TokenMasks } from './token-masks.ts';
import { TokenTrie, type TokenVocabulary } from './token-trie.ts';

/** A tokenizer as grammars need it. */
export interface GrammarVocabulary extends TokenVocabulary {
  readonly endTokenIds: ReadonlySet<number>;
  /** Text → tokens, as the model has learnt to write it. */
  encode(pieces: readonly PromptPiece[]): readonly number[];
}

/** Tokens that stand for bytes only in this answer: control tokens that its grammar spells out. */
export type ExtraTokens = ReadonlyMap<number, Uint8Array>;

/** Grammars whose masks are kept: those of an app that asks in the same few forms again and again. */
const MOST_GRAMMARS = 16;
const NO_TOKENS: ExtraTokens = new Map();

export interface MaskOptions {
  readonly extra?: ExtraTokens;
  /** What of the answer is written already. */
  readonly prefix?: string;
}

/** The grammars of one model: a mask for each answer, and what was learnt from the answers before. */
export interface Grammars {
  /**
   * A mask for one answer. `key` names the grammar: the same key, the same grammar. Throws `grammar-invalid` where no answer
   * begins with `prefix`.
   */
  mask(key: string, grammar: CompiledGrammar, options?: MaskOptions): GrammarMask;
}

/** The trie of the vocabulary is made at the first use. */
export function createGrammars(vocabulary: GrammarVocabulary): Grammars {
  let trie: TokenTrie | undefined;
  const known = new Map<string, { readonly pushdown: Pushdown; readonly masks: TokenMasks }>();
  const create = (grammar: CompiledGrammar) => {
    trie ??= new TokenTrie(vocabulary);
    const pushdown = new Pushdown(grammar);
    return { pushdown, masks: new TokenMasks(pushdown, trie) };
  };
  return {
    mask(key, grammar, { extra = NO_TOKENS, prefix = '' } = {}) {
      const engine = known.get(key) ?? create(grammar);
      known.delete(key);
      known.set(key, engine);
      const oldest = known.keys().next().value;
      if (known.size > MOST_GRAMMARS && oldest !== undefined) known.delete(oldest);
      const start = after(engine.pushdown, prefix);
      const parts = {
        ...engine,
        extra,
        tokenBytes: (id: number) => extra.get(id) ?? vocabulary.tokenBytes(id),
        endTokenIds: [...vocabulary.endTokenIds].filter((id) => !extra.has(id)),
        // Control tokens that this answer spells out are read as such, others stay letters.
        encode: (text: string) => vocabulary.encode([{ kind: extra.size > 0 ? 'template' : 'text', text }]),
      };
      return new GrammarMask(parts, [start]);
    },
  };
}

const encoder = new TextEncoder();

function after(pushdown: Pushdown, prefix: string): State {
  let state: State | null = pushdown.start();
  for (const byte of encoder.encode(prefix)) state = state && pushdown.step(state, byte);
  if (state !== null) return state;
  throw new SottoError(
    'grammar-invalid',
    'The answer that was begun is not the beginning of what the grammar asks for.',
  );
}
