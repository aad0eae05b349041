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

/** Whether a call was written to its end; one that `max_tokens` cut is none. */
export function isWhole(input: string): boolean {
  try {
    return typeof JSON.parse(input) === 'object';
  } catch {
    return false;
  }
}

/**
 * Chunks of an answer as the SDK's parts: each run of text or thinking is a block with a beginning and an end, each call of a
 * tool is told while it is written and once more whole.
 */
export async function* streamParts(
  chunks: AsyncIterable<ChatCompletionChunk>,
  hasRaw = false,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  const blocks = new Blocks();
  let usage: CompletionUsage | undefined;
  let reason: string | null = null;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (hasRaw) yield { type: 'raw', rawValue: chunk };
    if (isFirst) {
      const timestamp = new Date(chunk.created * 1000);
      yield { type: 'response-metadata', id: chunk.id, modelId: chunk.model, timestamp };
      isFirst = false;
    }
    usage = chunk.usage ?? usage;
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    reason = choice.finish_reason ?? reason;
    yield* blocks.read(choice.delta);
  }
  yield* blocks.close();
  if (reason === 'abort') throw abortError();
  yield { type: 'finish', usage: usageOf(usage), finishReason: finishReason(reason) };
}

type Delta = ChatCompletionChunk['choices'][number]['delta'];
type ToolDelta = NonNullable<Delta['tool_calls']>[number];

/** What is being written: one block of text or thinking, or one call. */
class Blocks {
  #text: { readonly kind: 'text' | 'reasoning'; readonly id: string } | undefined;
  #call: { readonly index: number; readonly id: string; readonly toolName: string; input: string } | undefined;
  #count = 0;

  *read({
    reasoning_content: reasoning,
    content,
    tool_calls: calls = [],
  }: Delta): Generator<LanguageModelV4StreamPart, void> {
    if (reasoning) yield* this.#write('reasoning', reasoning);
    if (content) yield* this.#write('text', content);
    for (const delta of calls) yield* this.#writeCall(delta);
  }

  *close(): Generator<LanguageModelV4StreamPart, void> {
    if (this.#text !== undefined) yield { type: `${this.#text.kind}-end`, id: this.#text.id };
    this.#text = undefined;
    if (this.#call === undefined) return;
    const { id, toolName, input } = this.#call;
    this.#call = undefined;
    yield { type: 'tool-input-end', id };
    if (isWhole(input)) yield { type: 'tool-call', toolCallId: id, toolName, input };
  }

  *#write(kind: 'text' | 'reasoning', delta: string): Generator<LanguageModelV4StreamPart, void> {
    if (this.#text?.kind !== kind) {
      yield* this.close();
      this.#count += 1;
      this.#text = { kind, id: String(this.#count) };
      yield { type: `${kind}-start`, id: this.#text.id };
    }
    yield { type: `${kind}-delta`, id: this.#text.id, delta };
  }

  *#writeCall({
    index,
    id,
    function: { name, arguments: delta },
  }: ToolDelta): Generator<LanguageModelV4StreamPart, void> {
    if (this.#call?.index !== index) {
      yield* this.close();
      this.#call = { index, id: id ?? `call-${index}`, toolName: name ?? '', input: '' };
      yield { type: 'tool-input-start', id: this.#call.id, toolName: this.#call.toolName };
    }
    if (delta === '') return;
    this.#call.input += delta;
    yield { type: 'tool-input-delta', id: this.#call.id, delta };
  }
}
