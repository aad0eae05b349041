import type { FlowDocument } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { chatMessages } from '../chat-messages.ts';
import type { ChatCompletionRequest } from '../openai-types.ts';

/**
 * What a flow gets of a conversation. A text: the person's last message. A record or a list: that message as JSON; a message that
 * is no JSON becomes the record's first text field, and what was said before (or `documents`) its documents.
 */
export function flowInput({ input }: FlowDocument, request: ChatCompletionRequest): unknown {
  const messages = chatMessages(request.messages);
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const text = messages[last]?.content ?? '';
  if (text.trim() === '') throw new SottoError('empty-prompt', 'The last message of the user holds no text.');
  if (input.type === 'text') return text;
  const data = jsonOf(text);
  if (data !== undefined) return data;
  if (input.type !== 'record') return text;
  const fields = Object.entries(input.fields ?? {});
  const main = fields.find(([, type]) => type === 'text')?.[0];
  if (main === undefined) throw invalid('This flow takes JSON: write it into the message.');
  if (!fields.some(([name]) => name === 'documents')) return { [main]: text };
  const before = messages
    .slice(0, last)
    .filter(({ role }) => role === 'user' || role === 'system')
    .flatMap(({ content }) => (content === null || content.trim() === '' ? [] : [content]));
  const documents = request.documents ?? before;
  if (documents.length === 0)
    throw invalid('This flow reads documents: give them as "documents", or in messages before the question.');
  return { [main]: text, documents };
}

function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function invalid(message: string): SottoError {
  return new SottoError('invalid-option', message, { details: { option: 'messages' } });
}
