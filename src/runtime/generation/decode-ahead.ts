import type { FinishReason } from '../../protocol/index.ts';
import { letMessagesIn, throwIfAborted } from '../../shared/index.ts';
import type { LookaheadOptions } from './lookahead.ts';
import type { Turn } from './turn.ts';
import type { AnswerTokens } from './visible-tokens.ts';

/** What the writing of an answer needs. */
export interface DecodeOptions extends LookaheadOptions {
  readonly turn: Turn;
  readonly tokens: AnswerTokens;
  /** Makes room where the context is full: forgets some of these tokens, gives back the logits that follow. Absent: it ends. */
  readonly shift?: ((tokens: readonly number[]) => Promise<Float32Array>) | undefined;
}

/** Why writing ended and with which token, or the last token, which the cache does not hold yet. */
export type AheadResult = { readonly reason: FinishReason; readonly last: number } | { readonly token: number };

/**
 * Writes on from `first`, which belongs to the answer and is not in the cache, with an engine that chooses tokens itself
 * and runs ahead. The turn looks at each choice and has the last word; where it decides otherwise the engine begins anew
 * from there. Gives back the last token where the engine cannot go on by itself, or others wait for it.
 */
export async function writeAhead(options: DecodeOptions, first: number): Promise<AheadResult> {
  const { turn, contextLength, tokens, engine, signal } = options;
  const { cache } = engine;
  let token = first;
  for (;;) {
    const ahead = turn.ahead;
    if (ahead === undefined || engine.isOver) return { token };
    let held = cache.tokens.length;
    let isOverruled = false;
    const maxTokens = Math.min(turn.tokensLeft, contextLength - held);
    if (maxTokens < 1) return { reason: 'length', last: token };
    for await (const step of cache.runAhead(token, { ...ahead, maxTokens, signal })) {
      held += 1;
      token = turn.choose(step);
      if (tokens.endTokenIds.has(token) || turn.accept(token)) return { reason: 'stop', last: token };
      if (turn.isFull || held + 1 > contextLength) return { reason: 'length', last: token };
      await letMessagesIn();
      throwIfAborted(signal);
      isOverruled = token !== step.token;
      if (isOverruled || engine.isOver) break;
    }
    if (!isOverruled) return { token };
  }
}
