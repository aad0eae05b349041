/**
 * What an answer must look like, before it is compiled. Plain data: it crosses to the sandbox, where it becomes a
 * `CompiledGrammar`.
 */
export type GrammarSource =
  /** Any JSON text; `object` where the outermost value must be one. */
  | { readonly kind: 'json'; readonly root: 'value' | 'object' }
  | { readonly kind: 'json-schema'; readonly schema: unknown }
  /** The whole answer matches; flags `i` and `s` change what it means, `u` and `v` nothing. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly flags?: string }
  /** The GBNF notation of llama.cpp, from its rule `root`. */
  | { readonly kind: 'gbnf'; readonly text: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'literal'; readonly text: string }
  /** Text as the model likes up to the first of the triggers, that included. */
  | { readonly kind: 'until'; readonly triggers: readonly string[] }
  | { readonly kind: 'sequence'; readonly parts: readonly GrammarSource[] }
  | { readonly kind: 'alternatives'; readonly parts: readonly GrammarSource[] }
  | {
      readonly kind: 'repeat';
      readonly part: GrammarSource;
      readonly minimum: number;
      /** Absent: no end. */
      readonly maximum?: number;
    }
  /**
   * Text as the model likes, in which none of the triggers occurs; where one does, `next` follows it. Text may go on after
   * that if `isRepeated`.
   */
  | {
      readonly kind: 'triggered';
      readonly triggers: readonly string[];
      readonly next: GrammarSource;
      readonly isRepeated: boolean;
    };

/** One state of a rule's automaton. */
export interface CompiledState {
  /** Triples: lowest byte, highest byte, next state. Disjoint and ascending. */
  readonly edges: readonly number[];
  /** Pairs: rule that is read here, state after it. */
  readonly calls: readonly number[];
  /** Whether the rule may end here. */
  readonly isFinal: boolean;
}

export type CompiledRule =
  /** State 0 is the first. */
  | { readonly kind: 'automaton'; readonly states: readonly CompiledState[] }
  /** A rule, `minimum` to `maximum` times; counted, so that a limit of a million costs nothing. -1: no end. */
  | { readonly kind: 'repeat'; readonly rule: number; readonly minimum: number; readonly maximum: number };

/** A pushdown automaton over bytes: what an answer must look like, ready to be run. Rule 0 is the whole answer. */
export interface CompiledGrammar {
  readonly rules: readonly CompiledRule[];
}
