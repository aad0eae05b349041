import type { ChatMessage } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { ChatCompletionMessage } from './openai-types.ts';
import type { ChatCompletionToolCall } from './tools/index.ts';

/** `developer` is the newer name of the system's role in the API; templates know the older one. */
const ROLES: ReadonlyMap<string, ChatMessage['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
]);

/** A request's messages as templates take them. Rejects with `empty-prompt`, `invalid-option`, `unsupported-option`. */
export function chatMessages(messages: readonly ChatCompletionMessage[]): readonly ChatMessage[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new SottoError('empty-prompt', '"messages" must hold at least one message.');
  }
  const texts = messages.map((message: ChatCompletionMessage, index) => {
    const role = ROLES.get(message?.role);
    if (role === undefined) {
      const known = [...ROLES.keys()].join(', ');
      throw new SottoError('invalid-option', `"messages[${index}].role" must be one of ${known}.`);
    }
    checkMessage(message, index);
    return { role, content: textOf(message, index), ...fieldsOf(message, index, messages) };
  });
  const last = texts.at(-1);
  if (last?.role !== 'assistant' && last?.role !== 'tool' && last?.content.trim() === '') {
    throw new SottoError('empty-prompt', 'The last message is empty.');
  }
  if (last?.role === 'assistant' && last.fields?.['tool_calls'] !== undefined) {
    throw invalid(messages.length - 1, 'tool_calls', 'must be answered by messages of the role tool');
  }
  return texts;
}

/** The model's own system prompt, where the conversation brings none. */
export function withSystemPrompt(messages: readonly ChatMessage[], prompt: string | null): readonly ChatMessage[] {
  const hasOwn = messages.some((message) => message.role === 'system');
  return hasOwn || prompt === null ? messages : [{ role: 'system', content: prompt }, ...messages];
}

/** Whether the last message is the beginning of an answer, to be continued where it ends. */
export function isContinued(messages: readonly ChatMessage[]): boolean {
  return messages.at(-1)?.role === 'assistant';
}

const FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  // Without effect: an answer has them, and is sent back as it is. What a model thought before an earlier answer is not
  // shown to it again, as the makers of such models advise.
  'refusal',
  'annotations',
  'reasoning_content',
  'parsed',
]);

function checkMessage(message: ChatCompletionMessage, index: number): void {
  for (const [field, value] of Object.entries(message)) {
    if (value === undefined || value === null || FIELDS.has(field)) continue;
    const text = `"messages[${index}].${field}" is not supported.`;
    throw new SottoError('unsupported-option', text, { details: { option: `messages[${index}].${field}` } });
  }
  if (typeof (message.name ?? '') !== 'string') throw invalid(index, 'name', 'must be a text');
}

/** What templates read beside the text: who speaks, where a name is given; calls and their answers. */
function fieldsOf(
  message: ChatCompletionMessage,
  index: number,
  messages: readonly ChatCompletionMessage[],
): Pick<ChatMessage, 'fields'> {
  const { name } = message;
  const { fields } = toolFields(message, index, messages);
  const all = { ...(name === undefined || name === null ? {} : { name }), ...fields };
  return Object.keys(all).length === 0 ? {} : { fields: all };
}

function toolFields(
  { role, tool_calls: calls, tool_call_id: callId }: ChatCompletionMessage,
  index: number,
  messages: readonly ChatCompletionMessage[],
): Pick<ChatMessage, 'fields'> {
  if (role === 'tool') {
    if (typeof callId !== 'string') throw invalid(index, 'tool_call_id', 'must name the call it answers');
    const call = messages.flatMap((message) => message.tool_calls ?? []).find(({ id }) => id === callId);
    return { fields: { tool_call_id: callId, ...(call ? { name: call.function.name } : {}) } };
  }
  if (calls === undefined || calls === null) return {};
  const isCall = (call: ChatCompletionToolCall) =>
    typeof call?.id === 'string' &&
    typeof call.function?.name === 'string' &&
    typeof call.function.arguments === 'string';
  if (role !== 'assistant' || !Array.isArray(calls) || calls.length === 0 || !calls.every(isCall)) {
    throw invalid(index, 'tool_calls', 'must be a list of calls, in a message of the assistant');
  }
  const copies = calls.map(({ id, function: { name, arguments: given } }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
  return { fields: { tool_calls: copies } };
}

function invalid(index: number, field: string, problem: string): SottoError {
  return new SottoError('invalid-option', `"messages[${index}].${field}" ${problem}.`);
}

function textOf({ content, role, tool_calls: calls }: ChatCompletionMessage, index: number): string {
  if (typeof content === 'string') return content;
  if (role === 'assistant' && calls && (content === null || content === undefined)) return '';
  const parts = Array.isArray(content) ? content : [undefined];
  return parts
    .map((part) => {
      if (part?.type === 'text' && typeof part.text === 'string') {
        const other = Object.keys(part).find((field) => field !== 'type' && field !== 'text');
        if (other === undefined) return part.text;
        throw new SottoError('unsupported-option', `"messages[${index}].content" has an unknown "${other}".`);
      }
      throw new SottoError('unsupported-option', `"messages[${index}].content" must be text.`);
    })
    .join('');
}
