import { expect } from 'vitest';
import { clientThatWrites } from '../../../testing/client-that-writes.ts';
import type { LanguageModelPrompt } from '../canonical-prompt.ts';
import { createPromptApi } from '../create-prompt-api.ts';
import type { PromptApiEngine } from '../model-access.ts';

/** What assertions of the platform are written with. */
export function setUp() {
  const { chat } = clientThatWrites('An answer of some words.');
  const models = { loaded: { id: 'm', contextLength: 4096 } };
  const engine = { models, chat: { completions: chat } } as unknown as PromptApiEngine;
  return createPromptApi(engine, { model: 'm', approve: 'always' });
}

export type Api = ReturnType<typeof setUp>;
export type Assertion = readonly [string, (api: Api) => Promise<unknown>];

export const reason = new Error('the reason');
export const aborted = () => AbortSignal.abort(reason);
export const named = (name: string) => expect.objectContaining({ name });
export const rejects = (promise: Promise<unknown>) => expect(promise).rejects;
export const invalid = (value: unknown) => value as LanguageModelPrompt;
export const session = ({ LanguageModel }: Api) => LanguageModel.create();

export async function read(stream: ReadableStream<string>): Promise<string> {
  let text = '';
  for await (const piece of stream as unknown as AsyncIterable<string>) {
    expect(typeof piece).toBe('string');
    text += piece;
  }
  return text;
}
