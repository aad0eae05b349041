import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionRequest, ResponseFormat } from '../../openai-types.ts';
import { promptMessages } from './prompt-messages.ts';

/** A call of the SDK as a request. Rejects with `unsupported-option` for what a local model has not. */
export function requestOf(model: string, options: LanguageModelV4CallOptions): ChatCompletionRequest {
  const { reasoning = 'provider-default' } = options;
  return {
    model,
    messages: promptMessages(options.prompt),
    max_tokens: options.maxOutputTokens,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    presence_penalty: options.presencePenalty,
    frequency_penalty: options.frequencyPenalty,
    stop: options.stopSequences,
    seed: options.seed,
    reasoning_effort: reasoning === 'provider-default' ? undefined : reasoning,
    response_format: responseFormat(options.responseFormat),
    ...toolsOf(options),
    // Sotto's own fields (`min_p`, `context_policy` …), checked as any request's.
    ...ownOptions(options.providerOptions),
  };
}

/** `providerOptions.sotto`: other providers' are theirs, and pass by as the SDK has it. */
export function ownOptions(options: LanguageModelV4CallOptions['providerOptions']): Readonly<Record<string, unknown>> {
  const own = options?.['sotto'] ?? {};
  const known = ['model', 'messages', 'stream', 'stream_options', 'tools', 'input', 'n'].find((name) => name in own);
  if (known === undefined) return own;
  const message = `"${known}" is what the SDK itself says: it cannot be among the options of the provider.`;
  throw new SottoError('unsupported-option', message, { details: { option: known } });
}

function toolsOf({
  tools = [],
  toolChoice,
}: LanguageModelV4CallOptions): Pick<ChatCompletionRequest, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  const functions = tools.map((tool) => {
    if (tool.type === 'function') {
      const { name, description, inputSchema } = tool;
      const parameters = inputSchema as Readonly<Record<string, unknown>>;
      return { type: 'function' as const, function: { name, description, parameters } };
    }
    const message = `The tool "${tool.id}" runs at a provider; this model runs on the device, and so must its tools.`;
    throw new SottoError('unsupported-option', message, { details: { option: 'tools' } });
  });
  if (toolChoice === undefined) return { tools: functions };
  const choice =
    toolChoice.type === 'tool'
      ? { type: 'function' as const, function: { name: toolChoice.toolName } }
      : toolChoice.type;
  return { tools: functions, tool_choice: choice };
}

function responseFormat(format: LanguageModelV4CallOptions['responseFormat']): ResponseFormat | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  const { schema, name = 'response', description } = format;
  if (schema === undefined) return { type: 'json_object' };
  const plain = schema as Readonly<Record<string, unknown>>;
  return { type: 'json_schema', json_schema: { name, schema: plain, description, strict: true } };
}
