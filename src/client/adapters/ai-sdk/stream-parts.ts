import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { abortError } from '../../../shared/index.ts';
import type { ChatCompletionChunk, CompletionUsage } from '../../openai-types.ts';

const UNKNOWN_USAGE: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

const REASONS: Readonly<Record<string, LanguageModelV4FinishReason['unified']>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
};

export function finishReason(raw: string | null | undefined): LanguageModelV4FinishReason {
  return { unified: REASONS[raw ?? ''] ?? 'other', raw: raw ?? undefined };
}

export function usageOf(usage: CompletionUsage | undefined): LanguageModelV4Usage {
  if (usage === undefined) return UNKNOWN_USAGE;
  const cached = usage.prompt_tokens_details.cached_tokens;
  return {
    inputTokens: {
      total: usage.prompt_tokens,
      noCache: usage.prompt_tokens - cached,
      cacheRead: cached,
      cacheWrite: undefined,
    },
    outputTokens: { total: usage.completion_tokens, text: undefined, reasoning: undefined },
  };
}

/** Chunks of an answer as the SDK's parts: each run of text or thinking is a block with a beginning and an end. */
export async function* streamParts(
  chunks: AsyncIterable<ChatCompletionChunk>,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  let block: { readonly kind: 'text' | 'reasoning'; readonly id: string } | undefined;
  let blocks = 0;
  let usage: CompletionUsage | undefined;
  let reason: string | null = null;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) {
      const timestamp = new Date(chunk.created * 1000);
      yield { type: 'response-metadata', id: chunk.id, modelId: chunk.model, timestamp };
      isFirst = false;
    }
    usage = chunk.usage ?? usage;
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    reason = choice.finish_reason ?? reason;
    const { reasoning_content: reasoning, content } = choice.delta;
    for (const [kind, delta] of [['reasoning', reasoning] as const, ['text', content] as const]) {
      if (delta === undefined || delta === '') continue;
      if (block?.kind !== kind) {
        if (block !== undefined) yield { type: `${block.kind}-end`, id: block.id };
        blocks += 1;
        block = { kind, id: String(blocks) };
        yield { type: `${kind}-start`, id: block.id };
      }
      yield { type: `${kind}-delta`, id: block.id, delta };
    }
  }
  if (block !== undefined) yield { type: `${block.kind}-end`, id: block.id };
  if (reason === 'abort') throw abortError();
  yield { type: 'finish', usage: usageOf(usage), finishReason: finishReason(reason) };
}
