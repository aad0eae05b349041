import type { BaseMessage } from '@langchain/core/messages';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionMessage } from '../../openai-types.ts';

const ROLES: Readonly<Record<string, ChatCompletionMessage['role']>> = {
  system: 'system',
  developer: 'system',
  human: 'user',
  ai: 'assistant',
};

/** LangChain's messages as ours. Rejects with `unsupported-option` for roles and contents that are not of a text chat. */
export function chatMessagesOf(messages: readonly BaseMessage[]): readonly ChatCompletionMessage[] {
  return messages.map((message) => {
    const role = ROLES[message.type];
    if (role === undefined) throw unsupported(`messages of the type "${message.type}"`);
    return { role, content: textOf(message.content) };
  });
}

function textOf(content: BaseMessage['content']): string {
  if (typeof content === 'string') return content;
  return content
    .map((part) => {
      if (part.type === 'text' && 'text' in part && typeof part.text === 'string') return part.text;
      throw unsupported(`parts of the type "${part.type}"`);
    })
    .join('');
}

function unsupported(what: string): SottoError {
  return new SottoError('unsupported-option', `This model reads text; ${what} are not supported.`);
}
