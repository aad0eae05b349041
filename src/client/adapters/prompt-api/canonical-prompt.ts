import type { ChatCompletionMessage } from '../../openai-types.ts';
import { domError } from './dom-errors.ts';
import {
  callOf,
  type LanguageModelToolCall,
  type LanguageModelToolError,
  type LanguageModelToolSuccess,
  responseOf,
} from './tool-parts.ts';

export type LanguageModelRole = 'system' | 'user' | 'assistant';

export type LanguageModelMessageContent =
  | { readonly type: 'text'; readonly value: string }
  /** In a message of the assistant's. */
  | { readonly type: 'tool-call'; readonly value: LanguageModelToolCall }
  /** In a message of the user's. */
  | { readonly type: 'tool-response'; readonly value: LanguageModelToolSuccess | LanguageModelToolError };

/** What a prompt may hold beside text, as the session was created for it. */
export type ToolInput = 'tool-call' | 'tool-response';

/** A message of a session: its text, and calls of tools. */
export type SessionMessage = ChatCompletionMessage & { readonly content: string };

export interface LanguageModelMessage {
  readonly role: LanguageModelRole;
  readonly content: string | readonly LanguageModelMessageContent[];
  /** The answer begins with this text. Only for a last message of the assistant's. */
  readonly prefix?: boolean;
}

/** One text of the user's, or messages. */
export type LanguageModelPrompt = string | readonly LanguageModelMessage[];

export interface CanonicalPrompt {
  readonly messages: readonly SessionMessage[];
  /** Whether the last message is the beginning of the answer. */
  readonly hasPrefix: boolean;
}

const ROLES: ReadonlySet<unknown> = new Set<LanguageModelRole>(['system', 'user', 'assistant']);

/**
 * "Validate and canonicalize a prompt" of the specification, for a model that reads text.
 * @param hasAppendedInput Whether something came before: a system message must be the very first.
 */
export function canonicalPrompt(
  input: unknown,
  hasAppendedInput: boolean,
  inputs: ReadonlySet<ToolInput> = new Set(),
): CanonicalPrompt {
  // What is no list is a text, as the platform makes one of anything: null is "null".
  if (!Array.isArray(input)) return fromUser(String(input));
  if (input.length === 0) return fromUser('');
  let hasPrefix = false;
  const messages = input.flatMap((message: unknown, index): readonly SessionMessage[] => {
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
    return messagesOf(role, message.content, inputs);
  });
  return { messages, hasPrefix };
}

/** Calls that wait for their results are counted with empty ones: templates take no conversation that ends in calls. */
export function countable(messages: readonly SessionMessage[]): readonly SessionMessage[] {
  const waiting = messages.at(-1)?.tool_calls ?? [];
  return [...messages, ...waiting.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: '' }))];
}

function fromUser(text: string): CanonicalPrompt {
  return { messages: [{ role: 'user', content: sayable(text) }], hasPrefix: false };
}

/** An empty message is answered too, as the platform asks: a model that is told so does better than with nothing. */
function sayable(text: string): string {
  return text.trim() === '' ? '(empty)' : text;
}

/** One message, and before it the results that it brings: those are messages of their own. */
function messagesOf(
  role: LanguageModelRole,
  content: unknown,
  inputs: ReadonlySet<ToolInput>,
): readonly SessionMessage[] {
  if (typeof content === 'string') return [{ role, content: role === 'user' ? sayable(content) : content }];
  if (!Array.isArray(content)) throw new TypeError('A content is a text or a list of parts.');
  const parts = content as readonly ({ readonly type?: unknown; readonly value?: unknown } | null)[];
  for (const part of parts) checkPart(part, role, inputs);
  const of = (type: string) => parts.filter((part) => part?.type === type).map((part) => part?.value);
  const text = of('text').join('');
  const calls = of('tool-call').map(callOf);
  const results = of('tool-response')
    .map(responseOf)
    .map(({ callId, content: told }) => ({ role: 'tool' as const, tool_call_id: callId, content: told }));
  const says = results.length === 0 || text !== '';
  const own = {
    role,
    content: role === 'user' ? sayable(text) : text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return [...results, ...(says ? [own] : [])];
}

function checkPart(
  part: { readonly type?: unknown; readonly value?: unknown } | null,
  role: LanguageModelRole,
  inputs: ReadonlySet<ToolInput>,
): void {
  const type = part?.type;
  if (type === 'text') {
    if (typeof part?.value === 'string') return;
    throw new TypeError('The value of a text part must be a text.');
  }
  if (type !== 'tool-call' && type !== 'tool-response') {
    throw domError('NotSupportedError', `This model reads text, not "${String(type)}".`);
  }
  if (role !== (type === 'tool-call' ? 'assistant' : 'user')) {
    throw new TypeError(`A ${type} cannot be in a message of the role ${role}.`);
  }
  if (!inputs.has(type)) {
    throw domError('NotSupportedError', `Create the session with expectedInputs: [{ type: '${type}' }].`);
  }
}
