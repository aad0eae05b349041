import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionMessage } from '../../openai-types.ts';

const ROLES: Readonly<Record<string, ChatCompletionMessage['role']>> = {
  system: 'system',
  developer: 'system',
  human: 'user',
  ai: 'assistant',
  tool: 'tool',
};

/** LangChain's messages as ours. Rejects with `unsupported-option` for roles and contents that are not of a text chat. */
export function chatMessagesOf(messages: readonly BaseMessage[]): readonly ChatCompletionMessage[] {
  return messages.map((message) => {
    const role = ROLES[message.type];
    if (role === undefined) throw unsupported(`messages of the type "${message.type}"`);
    return { role, content: textOf(message.content), ...toolFields(message) };
  });
}

/** The calls an answer made, or which of them a message answers. */
function toolFields(message: BaseMessage): Pick<ChatCompletionMessage, 'tool_calls' | 'tool_call_id'> {
  if (ToolMessage.isInstance(message)) return { tool_call_id: message.tool_call_id };
  if (!AIMessage.isInstance(message) || !message.tool_calls?.length) return {};
  const calls = message.tool_calls.map(({ id, name, args }, index) => ({
    id: id ?? `call-${index}`,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(args) },
  }));
  return { tool_calls: calls };
}

function textOf(content: BaseMessage['content']): string {
  if (typeof content === 'string') return content;
  return content
    .map((part) => {
      if (part.type === 'text' && 'text' in part && typeof part.text === 'string') return part.text;
      // Some providers say a call twice: here, and in `tool_calls`.
      if (part.type === 'tool_call' || part.type === 'tool_use') return '';
      throw unsupported(`parts of the type "${part.type}"`);
    })
    .join('');
}

function unsupported(what: string): SottoError {
  return new SottoError('unsupported-option', `This model reads text; ${what} are not supported.`);
}
