import type { LanguageModelV4Message, LanguageModelV4Prompt, LanguageModelV4ToolResultOutput } from '@ai-sdk/provider';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionMessage } from '../../openai-types.ts';

/** The SDK's prompt as messages. Rejects with `unsupported-option` for what is not text. */
export function promptMessages(prompt: LanguageModelV4Prompt): readonly ChatCompletionMessage[] {
  return prompt.flatMap(messagesOf);
}

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];

function messagesOf(message: LanguageModelV4Message): readonly ChatCompletionMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }];
    case 'user':
      return [{ role: 'user', content: message.content.map(textOf).join('') }];
    case 'assistant':
      return [assistantMessage(message.content)];
    case 'tool':
      return message.content.flatMap((part): readonly ChatCompletionMessage[] => {
        // Approvals are between the SDK and the person; what came of them is in a result.
        if (part.type === 'tool-approval-response') return [];
        return [{ role: 'tool', tool_call_id: part.toolCallId, content: outputText(part.output) }];
      });
  }
}

function assistantMessage(parts: readonly AssistantPart[]): ChatCompletionMessage {
  const calls = parts.flatMap((part) => {
    if (part.type !== 'tool-call') return [];
    const { toolCallId: id, toolName: name, input } = part;
    return [{ id, type: 'function' as const, function: { name, arguments: JSON.stringify(input ?? {}) } }];
  });
  const content = parts.filter((part) => part.type !== 'tool-call').map(textOf);
  return { role: 'assistant', content: content.join(''), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function textOf(part: AssistantPart | UserPart): string {
  if (part.type === 'text') return part.text;
  // What a model thought before an earlier answer is not shown to it again, as its makers advise.
  if (part.type === 'reasoning') return '';
  throw unsupported(`parts of the type "${part.type}"`);
}

/** What a tool gave back, as the model is told. */
function outputText(output: LanguageModelV4ToolResultOutput): string {
  switch (output.type) {
    case 'text':
      return output.value;
    case 'json':
      return JSON.stringify(output.value);
    case 'error-text':
    case 'error-json':
      return JSON.stringify({ error: output.value });
    case 'execution-denied':
      return JSON.stringify({ error: output.reason ?? 'The person did not allow this call.' });
    case 'content':
      return output.value
        .map((part) => {
          if (part.type === 'text') return part.text;
          throw unsupported(`results of the type "${part.type}"`);
        })
        .join('');
  }
}

function unsupported(what: string): SottoError {
  return new SottoError('unsupported-option', `This model reads text; ${what} are not supported.`);
}
