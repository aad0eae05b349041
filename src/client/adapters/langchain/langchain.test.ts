import { AIMessage, type AIMessageChunk, HumanMessage, RemoveMessage, SystemMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChatCompletionRequest, RequestOptions } from '../../openai-types.ts';
import { clientThatWrites } from '../../testing/client-that-writes.ts';
import { ChatSotto, type ChatSottoFields } from './chat-sotto.ts';

const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 4 },
};

/** A model that thinks, then says what it was asked; "hang" waits for its abort. */
function modelThatEchoes() {
  const requests: ChatCompletionRequest[] = [];
  async function* stream(text: string, signal: AbortSignal | undefined) {
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      choices: [{ index: 0, delta, finish_reason }],
    });
    yield chunk({ reasoning_content: 'Hm.' });
    for (const content of text.split(/(?<= )/u)) yield chunk({ content });
    if (text === 'hang') {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      yield chunk({}, 'abort');
    } else yield { ...chunk({}, 'stop'), usage };
  }
  const create = async (request: ChatCompletionRequest, { signal }: RequestOptions = {}) => {
    requests.push(request);
    return stream(String(request.messages.at(-1)?.content), signal);
  };
  const sotto = { chat: { completions: { create } } } as unknown as ChatSottoFields['sotto'];
  return { model: new ChatSotto({ sotto, model: 'm', settings: { temperature: 0, seed: 1 } }), requests };
}

describe('the langchain package', () => {
  it('invokes: messages, settings, usage, thinking', async () => {
    const { model, requests } = modelThatEchoes();
    const messages = [new SystemMessage('Be brief.'), new AIMessage('Yes?'), new HumanMessage('Hello there')];
    const answer = await model.invoke(messages, { stop: ['END'], settings: { seed: 2 } });
    expect(answer.content).toBe('Hello there');
    expect(answer.usage_metadata).toMatchObject({ total_tokens: 10, input_token_details: { cache_read: 4 } });
    expect(answer.additional_kwargs).toEqual({ reasoning_content: 'Hm.' });
    expect(answer.response_metadata).toMatchObject({ finish_reason: 'stop' });
    expect(requests[0]).toMatchObject({ model: 'm', temperature: 0, seed: 2, stop: ['END'] });
    expect(requests[0]?.messages.map(({ role }) => role)).toEqual(['system', 'assistant', 'user']);
  });

  it('streams, also through a chain', async () => {
    const { model, requests } = modelThatEchoes();
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', 'You translate.'],
      ['human', 'To {language}: {text}'],
    ]);
    const chain = prompt.pipe(model).pipe(new StringOutputParser());
    const pieces: string[] = [];
    for await (const piece of await chain.stream({ language: 'German', text: 'sea' })) if (piece) pieces.push(piece);
    expect(pieces).toEqual(['To ', 'German: ', 'sea']);
    expect(requests[0]?.messages[1]).toEqual({ role: 'user', content: 'To German: sea' });
  });

  it('runs a batch', async () => {
    const answers = await modelThatEchoes().model.batch(['one', 'two']);
    expect(answers.map(({ content }) => content)).toEqual(['one', 'two']);
  });

  it('stops by signal', async () => {
    const { model } = modelThatEchoes();
    const controller = new AbortController();
    const answer = model.invoke('hang', { signal: controller.signal });
    setTimeout(() => controller.abort());
    await expect(answer).rejects.toThrow();
  });

  it('refuses what it would ignore, by name: of the model, of a call, of its settings', async () => {
    const { model } = modelThatEchoes();
    const wrong = { sotto: model, model: 'm', temperature: 0 } as never;
    const named = (option: string) => expect.objectContaining({ code: 'unsupported-option', details: { option } });
    expect(() => new ChatSotto(wrong)).toThrow(named('temperature'));
    await expect(model.invoke('x', { maxTokens: 5 } as never)).rejects.toEqual(named('maxTokens'));
    const { chat } = clientThatWrites('Hello.');
    const real = new ChatSotto({ sotto: { chat: { completions: chat } }, model: 'm', settings: { tmp: 1 } as never });
    await expect(real.invoke('x')).rejects.toEqual(named('tmp'));
  });

  it('refuses what is no text chat', async () => {
    const { model } = modelThatEchoes();
    const image = new HumanMessage({ content: [{ type: 'image_url', image_url: 'data:,' }] });
    await expect(model.invoke([image])).rejects.toMatchObject({ code: 'unsupported-option' });
    const remove = new RemoveMessage({ id: '1' });
    await expect(model.invoke([new HumanMessage('x'), remove])).rejects.toMatchObject({ code: 'unsupported-option' });
  });
});

describe('langchain tools', () => {
  const CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';
  const setUp = (answers: string | readonly string[], options: object = {}) => {
    const { chat, requests } = clientThatWrites(answers, options);
    return { model: new ChatSotto({ sotto: { chat: { completions: chat } }, model: 'm' }), requests };
  };
  const weather = tool(({ city }: { city: string }) => `21 degrees in ${city}`, {
    name: 'get_weather',
    description: 'The weather of a city',
    schema: z.object({ city: z.string() }),
  });
  const question = new HumanMessage('What is the weather in Paris?');

  it('binds tools; a call comes back, runs, and is answered', async () => {
    const { model, requests } = setUp([CALL, 'It is 21 degrees.']);
    const bound = model.bindTools([weather], { parallel_tool_calls: false });
    const answer = await bound.invoke([question]);
    expect(answer.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' }, type: 'tool_call' }]);
    const result = await weather.invoke(answer.tool_calls?.[0] as never);
    const last = await bound.invoke([question, answer, result]);
    expect(last.content).toBe('It is 21 degrees.');
    const prompt = requests[1]?.prompt.map(({ text }) => text).join('');
    expect(prompt).toContain('21 degrees in Paris');
    expect(prompt).toContain('"arguments": {"city":"Paris"}');
  });

  it('streams calls in chunks', async () => {
    const { model } = setUp(CALL);
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await model.bindTools([weather], { tool_choice: 'any' }).stream([question])) {
      whole = whole?.concat(chunk) ?? chunk;
    }
    expect(whole?.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
  });

  it('gives values of a schema: Zod, JSON Schema, by a call, as plain JSON', async () => {
    const schema = z.object({ name: z.string(), born: z.number() });
    const json = '{"name": "Ada", "born": 1815}';
    const value = { name: 'Ada', born: 1815 };
    const { model, requests } = setUp(json);
    expect(await model.withStructuredOutput(schema).invoke('Who?')).toEqual(value);
    expect(requests[0]?.grammar).toBeDefined();
    expect(await setUp(json).model.withStructuredOutput({ title: 'Person', type: 'object' }).invoke('Who?')).toEqual(
      value,
    );
    expect(await setUp(json).model.withStructuredOutput(schema, { method: 'jsonMode' }).invoke('Who?')).toEqual(value);
    const call = `<tool_call>\n{"name": "person", "arguments": ${json}}\n</tool_call>`;
    const caller = setUp(call).model.withStructuredOutput(schema, { method: 'functionCalling', name: 'person' });
    expect(await caller.invoke('Who?')).toEqual(value);
    const raw = await setUp(json).model.withStructuredOutput(schema, { includeRaw: true }).invoke('Who?');
    expect(raw.parsed).toEqual(value);
    expect(raw.raw.content).toBe(json);
  });

  it('says where an answer was cut', async () => {
    const schema = z.object({ name: z.string() });
    const cut = setUp('{"name": "A', { finishReason: 'length' }).model.withStructuredOutput(schema);
    await expect(cut.invoke('Who?')).rejects.toThrow(/cut before its end/);
  });
});
