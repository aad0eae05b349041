import { describe, expect, it } from 'vitest';
import type { GrammarSource } from '../../protocol/index.ts';
import type { ChatCompletionChunk, ChatCompletionRequest, ResponseFormat } from '../openai-types.ts';
import { CHATML, clientThatWrites } from '../testing/client-that-writes.ts';

const request = (response_format: ResponseFormat, more: Partial<ChatCompletionRequest> = {}) => ({
  model: 'm',
  messages: [{ role: 'user' as const, content: 'Hi' }],
  response_format,
  ...more,
});

const PERSON = {
  type: 'json_schema',
  json_schema: {
    name: 'person',
    strict: true,
    schema: {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
    },
  },
} as const;

describe('response_format', () => {
  it('gives a grammar to the model and the value to the caller', async () => {
    const { chat, requests, sources } = clientThatWrites('{"name": "Ada", "age": 36}');
    const { choices } = await chat.create({ ...request(PERSON), stream: false });
    expect(choices[0]?.message).toMatchObject({
      content: '{"name": "Ada", "age": 36}',
      parsed: { name: 'Ada', age: 36 },
    });
    expect(requests[0]?.grammar?.compiled.rules.length).toBeGreaterThan(1);
    expect(sources).toEqual([{ kind: 'json-schema', schema: PERSON.json_schema.schema }]);
  });

  it('shows what a streamed value holds so far', async () => {
    const { chat } = clientThatWrites('{"name": "Ada", "age": 36}');
    const chunks: ChatCompletionChunk[] = [];
    for await (const chunk of await chat.create({ ...request(PERSON), stream: true })) chunks.push(chunk);
    const partial = chunks.flatMap(({ choices }) => choices).filter((choice) => 'partial' in choice);
    expect(partial.slice(0, 5).map((choice) => choice.partial)).toEqual([{}, {}, {}, { name: 'Ad' }, { name: 'Ada' }]);
    expect(partial.at(-1)?.partial).toEqual({ name: 'Ada', age: 36 });
  });

  it('has no value to give where the answer was cut', async () => {
    const { chat } = clientThatWrites('{"name": "A', { finishReason: 'length' });
    const { choices } = await chat.create({ ...request(PERSON), stream: false });
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { parsed: null } });
  });

  it('compiles a schema once', async () => {
    const { chat, sources } = clientThatWrites('{"name": "Ada", "age": 36}');
    for (let count = 0; count < 3; count++) await chat.create({ ...request(PERSON), stream: false });
    expect(sources).toHaveLength(1);
  });

  it.each<[ResponseFormat, GrammarSource | undefined]>([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, { kind: 'json', root: 'object' }],
    [
      { type: 'json_schema', json_schema: { name: 'any' } },
      { kind: 'json', root: 'object' },
    ],
    [
      { type: 'regex', regex: '\\d+' },
      { kind: 'regex', pattern: '\\d+' },
    ],
    [
      { type: 'regex', regex: /yes|no/gi },
      { kind: 'regex', pattern: 'yes|no', flags: 'i' },
    ],
    [
      { type: 'grammar', grammar: 'root ::= "x"' },
      { kind: 'gbnf', text: 'root ::= "x"' },
    ],
    [
      { type: 'choice', choices: ['a', 'b'] },
      { kind: 'choice', choices: ['a', 'b'] },
    ],
  ])('reads %j', async (format, source) => {
    const { chat, sources, requests } = clientThatWrites('x');
    await chat.create({ ...request(format), stream: false });
    expect(sources[0]).toEqual(source);
    expect(requests[0]?.grammar !== undefined).toBe(source !== undefined);
  });

  it.each([
    [{ type: 'json' }, 'invalid-option'],
    ['json_object', 'invalid-option'],
    [{ type: 'json_schema' }, 'invalid-option'],
    [{ type: 'json_schema', json_schema: { name: 'two words', schema: {} } }, 'invalid-option'],
    [{ type: 'json_schema', json_schema: { name: 'x', schema: {}, strickt: true } }, 'invalid-option'],
    [{ type: 'json_object', schema: {} }, 'invalid-option'],
    [{ type: 'choice', choices: [] }, 'invalid-option'],
    [{ type: 'choice', choices: ['a', 1] }, 'invalid-option'],
    [{ type: 'regex' }, 'invalid-option'],
    [{ type: 'regex', regex: '(?=a)' }, 'grammar-unsupported'],
    [{ type: 'grammar', grammar: 'root := "x"' }, 'grammar-invalid'],
    [{ type: 'json_schema', json_schema: { name: 'x', schema: { not: {} } } }, 'grammar-unsupported'],
  ])('refuses %j', async (format, code) => {
    const { chat } = clientThatWrites('x');
    await expect(chat.create({ ...request(format as ResponseFormat), stream: false })).rejects.toMatchObject({ code });
  });

  it('lets a model finish thinking first', async () => {
    const thinking = `${CHATML.replace('assistant\n{% endif', 'assistant\n<think>\n{% endif')}{# </think> #}`;
    const { chat, sources } = clientThatWrites('I think.\n</think>\n\n{"a": 1}', { template: thinking });
    const { choices } = await chat.create({ ...request({ type: 'json_object' }), stream: false });
    expect(choices[0]?.message).toMatchObject({
      content: '{"a": 1}',
      parsed: { a: 1 },
      reasoning_content: 'I think.\n',
    });
    expect(sources[0]).toMatchObject({ kind: 'sequence', parts: [{ kind: 'until', triggers: ['</think>'] }, {}, {}] });
  });

  it('goes on where the caller began the answer', async () => {
    const { chat, requests } = clientThatWrites('da", "age": 36}');
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '{"name": "A' },
    ] as const;
    const { choices } = await chat.create({ ...request(PERSON, { messages }), stream: false });
    expect(requests[0]?.grammar?.prefix).toBe('{"name": "A');
    expect(choices[0]?.message.parsed).toEqual({ name: 'Ada', age: 36 });
  });
});
