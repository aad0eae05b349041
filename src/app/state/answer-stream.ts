import { type ChatCompletionRequest, isAbortError } from '../../client/index.ts';
import { collectText, type Schedule } from '../../shared/index.ts';
import type { MessageState } from '../../storage/chats/index.ts';
import type { Engine } from '../engine.ts';
import { toFailure } from './failure.ts';

/** How an answer ended. */
export interface AnswerEnd {
  readonly state: MessageState;
  readonly tokens: number | null;
  readonly tokensPerSecond: number | null;
  readonly contextTokens: number | null;
  /** Oldest messages of the request that did not fit the context; the model has not read them. */
  readonly droppedMessages: number;
}

const CUT_SHORT: AnswerEnd = {
  state: { kind: 'stopped' },
  tokens: null,
  tokensPerSecond: null,
  contextTokens: null,
  droppedMessages: 0,
};

/** Streams one answer; resolves with how it ended, whatever happens. Pieces of text come at most once a picture. */
export async function streamAnswer(
  engine: Engine,
  request: ChatCompletionRequest,
  options: {
    readonly signal: AbortSignal;
    readonly schedule: Schedule;
    /** What has to be there first; where it fails, the answer does. */
    readonly before?: (() => Promise<void>) | undefined;
    readonly onText: (text: string) => void;
  },
): Promise<AnswerEnd> {
  const text = collectText(options.schedule, options.onText);
  try {
    if (options.before !== undefined) await options.before();
    const stream = await engine.chat.completions.create({ ...request, stream: true }, { signal: options.signal });
    for await (const { choices, usage, timings, sotto } of stream) {
      const choice = choices[0];
      if (choice?.delta.content) text.add(choice.delta.content);
      const reason = choice?.finish_reason ?? null;
      if (reason === null) continue;
      text.flush();
      const contextTokens = usage?.total_tokens ?? null;
      const droppedMessages = sotto?.dropped?.messages ?? 0;
      if (reason === 'abort' || timings === undefined || contextTokens === null) {
        return { ...CUT_SHORT, contextTokens, droppedMessages };
      }
      return {
        state: { kind: reason === 'length' ? 'length' : 'finished' },
        tokens: timings.completionTokens,
        tokensPerSecond: timings.decodeTokensPerSecond,
        contextTokens,
        droppedMessages,
      };
    }
    text.flush();
    return CUT_SHORT;
  } catch (error) {
    text.flush();
    return endOf(error);
  }
}

/** How an answer ends that could not be written. */
export function endOf(error: unknown): AnswerEnd {
  if (isAbortError(error)) return CUT_SHORT;
  const { code, message } = toFailure(error);
  return { ...CUT_SHORT, state: { kind: 'failed', code, message } };
}
