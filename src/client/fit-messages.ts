import type { ChatMessage } from '../protocol/index.ts';
import type { ChatCompletionRequest, DroppedMessages } from './openai-types.ts';

/**
 * Leaves out the oldest turns until a conversation fits, at the borders of messages: what is kept begins with the system
 * prompt, then with a message of the user, and always holds the last message. `count` gives the tokens of a prompt; it is
 * called about log2(messages) times. A conversation that does not fit even so is given back as short as it gets.
 */
export async function fitMessages(
  messages: readonly ChatMessage[],
  mostTokens: number,
  count: (messages: readonly ChatMessage[]) => Promise<number>,
): Promise<{ readonly messages: readonly ChatMessage[]; readonly dropped: DroppedMessages | undefined }> {
  const whole = await count(messages);
  if (whole <= mostTokens) return { messages, dropped: undefined };
  const head = messages.findIndex(({ role }) => role !== 'system');
  const starts = [...messages.keys()].filter((index) => index > head && messages[index]?.role === 'user');
  const last = messages.length - 1;
  if (!starts.includes(last) && last > head && messages[last]?.role !== 'assistant') starts.push(last);
  const from = (start: number) => [...messages.slice(0, head), ...messages.slice(start)];
  let [low, high] = [0, starts.length - 1];
  if (high < 0) return { messages, dropped: undefined };
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await count(from(starts[middle] ?? last))) <= mostTokens) high = middle;
    else low = middle + 1;
  }
  const start = starts[low] ?? last;
  const kept = from(start);
  return { messages: kept, dropped: { messages: start - head, tokens: whole - (await count(kept)) } };
}

/** Tokens a prompt may have beside the answer that was asked for; the answer gets at most a quarter of the context. */
export function promptRoom(
  request: Pick<ChatCompletionRequest, 'max_tokens' | 'max_completion_tokens'>,
  defaultTokens: number,
  contextLength: number,
): number {
  const answer = request.max_completion_tokens ?? request.max_tokens ?? defaultTokens;
  return contextLength - Math.max(1, Math.min(answer, Math.floor(contextLength / 4)));
}
