import type { TokenLogprobs, TokenProbability } from '../protocol/index.ts';
import type { ChatLogprobs, TextLogprobs } from './openai-types.ts';

const decoder = new TextDecoder();

function entryOf({ bytes, logprob }: TokenProbability) {
  return { token: decoder.decode(bytes), logprob, bytes: [...bytes] };
}

/** As the chat API writes them; null where they were not asked for. */
export function chatLogprobs(tokens: readonly TokenLogprobs[] | undefined): ChatLogprobs | null {
  if (tokens === undefined) return null;
  const content = tokens.map((token) => ({ ...entryOf(token), top_logprobs: token.top.map(entryOf) }));
  return { content, refusal: null };
}

/**
 * As the text completion API writes them; null where they were not asked for. Offsets count UTF-16 units from `start`;
 * of several tokens with the same text, only the likeliest has a place in a `top_logprobs` object.
 */
export function textLogprobs(tokens: readonly TokenLogprobs[] | undefined, start: number): TextLogprobs | null {
  if (tokens === undefined) return null;
  const streaming = new TextDecoder();
  let offset = start;
  const offsets = tokens.map(({ bytes }) => {
    const at = offset;
    offset += streaming.decode(bytes, { stream: true }).length;
    return at;
  });
  return {
    tokens: tokens.map(({ bytes }) => decoder.decode(bytes)),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ bytes, logprob }) => [decoder.decode(bytes), logprob]).reverse()),
    ),
    text_offset: offsets,
  };
}
