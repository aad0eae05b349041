import type { ChatCompletionToolCall } from '../../tools/tool-types.ts';
import { domError } from './dom-errors.ts';

/** A call that a model proposes: the page runs it, and answers with a success or an error of the same `callID`. */
export class LanguageModelToolCall {
  readonly callID: string;
  readonly name: string;
  readonly arguments: unknown;

  constructor(init: { readonly callID: string; readonly name: string; readonly arguments?: unknown }) {
    this.callID = text('callID', init?.callID);
    this.name = text('name', init?.name);
    this.arguments = init.arguments ?? {};
  }
}

/** What a tool gave back, part by part; a part's value is text, or anything that JSON can write. */
export class LanguageModelToolSuccess {
  readonly callID: string;
  readonly name: string;
  readonly result: readonly ToolResultPart[];

  constructor(init: { readonly callID: string; readonly name: string; readonly result: readonly ToolResultPart[] }) {
    this.callID = text('callID', init?.callID);
    this.name = text('name', init?.name);
    if (!Array.isArray(init.result)) throw new TypeError('"result" must be a list of parts.');
    this.result = [...init.result];
  }
}

/** What went wrong with a call, as the model is told. */
export class LanguageModelToolError {
  readonly callID: string;
  readonly name: string;
  readonly errorMessage: string;

  constructor(init: { readonly callID: string; readonly name: string; readonly errorMessage: string }) {
    this.callID = text('callID', init?.callID);
    this.name = text('name', init?.name);
    this.errorMessage = text('errorMessage', init.errorMessage);
  }
}

export interface ToolResultPart {
  readonly type: 'text' | 'object';
  readonly value: unknown;
}

/** A call of a prompt as a message has it. Throws a DataError for arguments that are no object JSON can write. */
export function callOf(value: unknown): ChatCompletionToolCall {
  if (!(value instanceof LanguageModelToolCall)) {
    throw new TypeError('The value of a tool-call part must be a LanguageModelToolCall.');
  }
  const { callID: id, name, arguments: given } = value;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw domError('DataError', `The arguments of "${name}" must be an object.`);
  }
  return { id, type: 'function', function: { name, arguments: json(given) } };
}

/** The answer to a call, as the model is told. Throws a DataError for what JSON cannot write. */
export function responseOf(value: unknown): { readonly callId: string; readonly content: string } {
  if (value instanceof LanguageModelToolError) {
    return { callId: value.callID, content: JSON.stringify({ error: value.errorMessage }) };
  }
  if (!(value instanceof LanguageModelToolSuccess)) {
    const classes = 'a LanguageModelToolSuccess or a LanguageModelToolError';
    throw new TypeError(`The value of a tool-response part must be ${classes}.`);
  }
  return { callId: value.callID, content: value.result.map(resultText).join('\n') };
}

function resultText({ type, value }: { readonly type: string; readonly value: unknown }): string {
  if (type !== 'text' && type !== 'object')
    throw domError('NotSupportedError', `A result of "${type}" cannot be read.`);
  return typeof value === 'string' ? value : json(value);
}

/** What JSON writes; objects of the platform (an image) would be written as "{}" and are no data. */
function json(value: unknown): string {
  const isPlain = (one: unknown): boolean => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return true;
    const prototype: unknown = Object.getPrototypeOf(one);
    return prototype === null || prototype === Object.prototype || 'toJSON' in one;
  };
  let written: string | undefined;
  try {
    written = isPlain(value) ? JSON.stringify(value) : undefined;
  } catch {
    written = undefined;
  }
  if (written === undefined)
    throw domError('DataError', 'Calls and results of tools must be data that JSON can write.');
  return written;
}

function text(name: string, value: unknown): string {
  if (value === undefined) throw new TypeError(`"${name}" is missing.`);
  return String(value);
}
