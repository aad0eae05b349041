import type { ChatMessage } from '../../../protocol/index.ts';
import { domError } from './dom-errors.ts';

export type LanguageModelRole = 'system' | 'user' | 'assistant';

export interface LanguageModelMessageContent {
  readonly type: 'text';
  readonly value: string;
}

export interface LanguageModelMessage {
  readonly role: LanguageModelRole;
  readonly content: string | readonly LanguageModelMessageContent[];
  /** The answer begins with this text. Only for a last message of the assistant's. */
  readonly prefix?: boolean;
}

/** One text of the user's, or messages. */
export type LanguageModelPrompt = string | readonly LanguageModelMessage[];

export interface CanonicalPrompt {
  readonly messages: readonly ChatMessage[];
  /** Whether the last message is the beginning of the answer. */
  readonly hasPrefix: boolean;
}

const ROLES: ReadonlySet<unknown> = new Set<LanguageModelRole>(['system', 'user', 'assistant']);

/**
 * "Validate and canonicalize a prompt" of the specification, for a model that reads text.
 * @param hasAppendedInput Whether something came before: a system message must be the very first.
 */
export function canonicalPrompt(input: unknown, hasAppendedInput: boolean): CanonicalPrompt {
  // What is no list is a text, as the platform makes one of anything: null is "null".
  if (!Array.isArray(input)) return fromUser(String(input));
  if (input.length === 0) return fromUser('');
  let hasPrefix = false;
  const messages = input.map((message: unknown, index): ChatMessage => {
    if (typeof message !== 'object' || message === null || !('role' in message) || !('content' in message)) {
      throw new TypeError(`Message ${index} needs a role and a content.`);
    }
    if (!ROLES.has(message.role)) throw new TypeError(`"${String(message.role)}" is not a role.`);
    const role = message.role as LanguageModelRole;
    if ('prefix' in message && message.prefix) {
      if (role !== 'assistant') throw domError('SyntaxError', 'Only a message of the assistant’s can be a prefix.');
      if (index !== input.length - 1) throw domError('SyntaxError', 'Only the last message can be a prefix.');
      hasPrefix = true;
    }
    if (role === 'system' && (hasAppendedInput || index > 0)) {
      throw new TypeError('A system message must be the first of all.');
    }
    const content = textOf(message.content);
    return { role, content: role === 'user' ? sayable(content) : content };
  });
  return { messages, hasPrefix };
}

function fromUser(text: string): CanonicalPrompt {
  return { messages: [{ role: 'user', content: sayable(text) }], hasPrefix: false };
}

/** An empty message is answered too, as the platform asks: a model that is told so does better than with nothing. */
function sayable(text: string): string {
  return text.trim() === '' ? '(empty)' : text;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw new TypeError('A content is a text or a list of parts.');
  return content
    .map((part: { readonly type?: unknown; readonly value?: unknown } | null) => {
      if (part?.type === 'text') {
        if (typeof part.value === 'string') return part.value;
        throw new TypeError('The value of a text part must be a text.');
      }
      throw domError('NotSupportedError', `This model reads text, not "${String(part?.type)}".`);
    })
    .join('');
}
