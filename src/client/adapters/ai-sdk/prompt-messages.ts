import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionMessage } from '../../openai-types.ts';

/** The SDK's prompt as messages. Rejects with `unsupported-option` for what is not text. */
export function promptMessages(prompt: LanguageModelV4Prompt): readonly ChatCompletionMessage[] {
  return prompt.map(messageOf);
}

function messageOf(message: LanguageModelV4Message): ChatCompletionMessage {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
    case 'assistant':
      return { role: message.role, content: message.content.map(textOf).join('') };
    default:
      throw unsupported(`messages of the role "${message.role}"`);
  }
}

function textOf(part: Exclude<LanguageModelV4Message, { role: 'system' }>['content'][number]): string {
  if (part.type === 'text') return part.text;
  // What a model thought before an earlier answer is not shown to it again, as its makers advise.
  if (part.type === 'reasoning') return '';
  throw unsupported(`parts of the type "${part.type}"`);
}

function unsupported(what: string): SottoError {
  return new SottoError('unsupported-option', `This model reads text; ${what} are not supported.`);
}
