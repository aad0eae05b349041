import type { ResponseFormat } from '../../openai-types.ts';
import { domError } from './dom-errors.ts';

/** A constraint as a request has it. Throws a TypeError, or a NotSupportedError, for what is none. */
export function responseFormat(constraint: object | undefined): ResponseFormat | undefined {
  if (constraint === undefined || constraint === null) return undefined;
  if (constraint instanceof RegExp) return { type: 'regex', regex: constraint };
  if (typeof constraint !== 'object') throw new TypeError('A response constraint is a JSON Schema or a RegExp.');
  try {
    const schema = JSON.parse(JSON.stringify(constraint)) as Readonly<Record<string, unknown>>;
    return { type: 'json_schema', json_schema: { name: 'response', schema, strict: true } };
  } catch (error) {
    throw domError('NotSupportedError', `The response constraint is no JSON Schema: ${(error as Error).message}`);
  }
}

/** Tells the model what its answer must look like: it is held to it anyway, and does better when it knows. */
export function explain<Message extends { readonly role: string; readonly content: string }>(
  messages: readonly Message[],
  format: ResponseFormat,
  hasPrefix: boolean,
): readonly Message[] {
  const text =
    format.type === 'regex'
      ? `Answer with text that matches this regular expression: ${format.regex instanceof RegExp ? format.regex.source : format.regex}`
      : `Answer with JSON that matches this schema: ${JSON.stringify('json_schema' in format ? format.json_schema.schema : {})}`;
  const index = hasPrefix ? messages.length - 2 : messages.length - 1;
  return messages.map((message, at) =>
    at === index && message.role === 'user' ? { ...message, content: `${message.content}\n\n${text}` } : message,
  );
}
