import type { FinishReason } from '../../protocol/index.ts';
import { letMessagesIn, throwIfAborted } from '../../shared/index.ts';
import { type DecodeOptions, writeAhead } from './decode-ahead.ts';
import { Lookahead } from './lookahead.ts';

/**
 * Writes an answer token by token, beginning with the logits that follow the prompt; says why it ended. Whatever happens,
 * the cache holds tokens of prompt and answer only, no guesses.
 */
export async function decode(options: DecodeOptions, first: Float32Array): Promise<FinishReason> {
  const { turn, engine, contextLength, tokens, shift, signal } = options;
  const ahead = new Lookahead(options);
  let logits = first;
  engine.beginWriting();
  try {
    for (;;) {
      throwIfAborted(signal);
      const { forced } = turn;
      const next: number[] = [];
      let isFull = false;
      for (const token of forced.length > 0 ? forced : [turn.sample(logits)]) {
        if (tokens.endTokenIds.has(token)) return 'stop';
        if (turn.accept(token)) return 'stop';
        if (next.length > 0 || !ahead.take(token)) next.push(token);
        if (turn.isFull) return 'length';
        isFull = ahead.length + next.length > contextLength;
        if (isFull && shift === undefined) return 'length';
      }
      await letMessagesIn();
      throwIfAborted(signal);
      if (isFull && shift !== undefined) {
        ahead.discard();
        options.speculation?.drafter.append(next);
        logits = await shift([...engine.cache.tokens, ...next]);
        continue;
      }
      if (engine.cache.runsAhead && next.length === 1) {
        const result = await writeAhead(options, next[0]!);
        if ('reason' in result) {
          if (result.reason !== 'length' || turn.isFull || shift === undefined) return result.reason;
          logits = await shift([...engine.cache.tokens, result.last]);
          continue;
        }
        next[0] = result.token;
      }
      const exact = turn.decide();
      logits = next.length === 0 ? await ahead.follow(exact) : await ahead.compute(next, turn.tokensLeft, exact);
    }
  } finally {
    engine.endWriting();
    ahead.discard();
  }
}
