import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { SottoError } from '../../../shared/index.ts';
import type { ChatCompletionRequest, RequestOptions } from '../../openai-types.ts';
import { clientThatWrites } from '../../testing/client-that-writes.ts';
import { createSottoProvider } from './create-sotto-provider.ts';
import type { AiSdkEngine } from './sotto-language-model.ts';

const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 4 },
};

/** An engine that thinks, then answers; the answer "hang" waits for its abort. */
function providerThatSays(content: string, reasoning?: string) {
  const requests: ChatCompletionRequest[] = [];
  const base = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };
  let stopped: () => void = () => {};
  const hasStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  async function* stream(signal: AbortSignal | undefined) {
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...base,
      choices: [{ index: 0, delta, finish_reason }],
    });
    try {
      if (reasoning) yield chunk({ reasoning_content: reasoning });
      for (const piece of content.split(/(?<= )/u)) yield chunk({ content: piece });
      if (content === 'hang') await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      yield { ...chunk({}, content === 'hang' ? 'abort' : 'stop'), usage };
    } finally {
      stopped();
    }
  }
  const create = async (request: ChatCompletionRequest, { signal }: RequestOptions = {}) => {
    requests.push(request);
    if (content === 'boom') throw new SottoError('model-not-loaded', 'Not loaded.');
    if (request.stream) return stream(signal);
    const message = { role: 'assistant', content, ...(reasoning ? { reasoning_content: reasoning } : {}) };
    return { ...base, choices: [{ index: 0, message, finish_reason: 'length' }], usage };
  };
  const engine = { chat: { completions: { create } } } as unknown as AiSdkEngine;
  return { provider: createSottoProvider(engine), requests, hasStopped };
}

describe('the ai package', () => {
  it('takes its own fields as options of the provider, and refuses what is none', async () => {
    const { chat, requests } = clientThatWrites('Hello.');
    const provider = createSottoProvider({ chat: { completions: chat } } as unknown as AiSdkEngine);
    const ask = (sotto: object) =>
      generateText({ model: provider('m'), prompt: 'Hi', maxRetries: 0, providerOptions: { sotto } as never });
    await ask({ min_p: 0.25, seed: 5 });
    expect(requests[0]?.sampling).toMatchObject({ minP: 0.25, seed: 5 });
    await expect(ask({ minP: 0.25 })).rejects.toMatchObject({
      code: 'unsupported-option',
      details: { option: 'minP' },
    });
    await expect(ask({ model: 'other' })).rejects.toMatchObject({ code: 'unsupported-option' });
  });

  it('hands the chunks on as they came where that is asked for', async () => {
    const { provider } = providerThatSays('Hello there');
    const { stream } = streamText({ model: provider('m'), prompt: 'Hi', includeRawChunks: true });
    const raw: unknown[] = [];
    for await (const part of stream) if (part.type === 'raw') raw.push(part.rawValue);
    expect(raw[0]).toMatchObject({ id: 'chatcmpl-1', choices: [{ delta: { content: 'Hello ' } }] });
    expect(raw).toHaveLength(3);
  });

  it('generates text, with its options, usage and reason', async () => {
    const { provider, requests } = providerThatSays('Hello there', 'Hm.');
    const result = await generateText({
      model: provider('m'),
      instructions: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: [{ type: 'text', text: 'Greet me.' }] },
      ],
      temperature: 0.5,
      topK: 5,
      seed: 3,
      maxOutputTokens: 9,
      stopSequences: ['END'],
    });
    expect(result.text).toBe('Hello there');
    expect(result.reasoningText).toBe('Hm.');
    expect(result.finishReason).toBe('length');
    expect(result.usage).toMatchObject({ inputTokens: 7, outputTokens: 3, totalTokens: 10 });
    expect(requests[0]).toMatchObject({
      model: 'm',
      temperature: 0.5,
      top_k: 5,
      seed: 3,
      max_tokens: 9,
      stop: ['END'],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: 'Greet me.' },
      ],
    });
  });

  it('streams text, thinking kept apart', async () => {
    const { provider } = providerThatSays('Hello there', 'Hm.');
    const result = streamText({ model: provider('m'), prompt: 'Hi' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces).toEqual(['Hello ', 'there']);
    expect(await result.reasoningText).toBe('Hm.');
    expect(await result.finishReason).toBe('stop');
    expect(await result.usage).toMatchObject({ totalTokens: 10 });
  });

  it('stops the model when its reader leaves', async () => {
    const { provider, hasStopped } = providerThatSays('hang');
    const controller = new AbortController();
    const result = streamText({ model: provider('m'), prompt: 'Hi', abortSignal: controller.signal });
    for await (const _ of result.textStream) controller.abort();
    await hasStopped;
  });

  it('asks for structured output by schema', async () => {
    const { provider, requests } = providerThatSays('{}');
    const responseFormat = { type: 'json', name: 'person', schema: { type: 'object' } } as const;
    await provider('m').doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
      responseFormat,
    });
    expect(requests[0]?.response_format).toMatchObject({ json_schema: { name: 'person', schema: { type: 'object' } } });
  });

  describe('with tools', () => {
    const CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';
    const setUp = (answers: string | readonly string[], options: object = {}) => {
      const { chat, requests } = clientThatWrites(answers, options);
      return { model: createSottoProvider({ chat: { completions: chat } } as unknown as AiSdkEngine)('m'), requests };
    };
    const asked: unknown[] = [];
    const tools = {
      get_weather: tool({
        description: 'The weather of a city',
        inputSchema: jsonSchema<{ city: string }>({
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        }),
        execute: async ({ city }) => {
          asked.push(city);
          return { city, degrees: 21 };
        },
      }),
    };
    const prompt = 'What is the weather in Paris?';
    const promptOf = (request: { readonly prompt: readonly { readonly text: string }[] } | undefined) =>
      request?.prompt.map(({ text }) => text).join('');

    it('generates: calls, runs them, tells the model, answers', async () => {
      asked.length = 0;
      const { model, requests } = setUp([CALL, 'It is 21 degrees.']);
      const { text, steps, finishReason } = await generateText({ model, prompt, tools, stopWhen: stepCountIs(3) });
      expect(text).toBe('It is 21 degrees.');
      expect(asked).toEqual(['Paris']);
      expect(steps[0]?.finishReason).toBe('tool-calls');
      expect(steps[0]?.toolCalls[0]).toMatchObject({ toolName: 'get_weather', input: { city: 'Paris' } });
      expect(finishReason).toBe('stop');
      expect(promptOf(requests[1])).toContain('"degrees":21');
    });

    it('streams: the input while it is written, the call, its result, the answer', async () => {
      const { model } = setUp([CALL, 'It is 21 degrees.']);
      const { stream } = streamText({ model, prompt, tools, stopWhen: stepCountIs(3) });
      const parts: { type: string; [key: string]: unknown }[] = [];
      for await (const part of stream) parts.push(part);
      const input = parts.filter(({ type }) => type === 'tool-input-delta');
      expect(input.map((part) => part['delta'] ?? part['inputTextDelta']).join('')).toBe('{"city": "Paris"}');
      const order = parts.map(({ type }) => type).filter((type) => /^(tool-call|tool-result|text-start)$/.test(type));
      expect(order).toEqual(['tool-call', 'tool-result', 'text-start']);
    });

    it('asks for one tool, or none, and knows no calls that were cut', async () => {
      const { model, requests } = setUp([CALL, 'No.', CALL.slice(0, -30)], { finishReason: 'length' });
      const choice = { type: 'tool', toolName: 'get_weather' } as const;
      await generateText({ model, prompt, tools, toolChoice: choice });
      expect(requests[0]?.grammar).toBeDefined();
      await generateText({ model, prompt, tools, toolChoice: 'none' });
      expect(requests[1]?.grammar).toBeUndefined();
      const { toolCalls, finishReason } = await generateText({ model, prompt, tools });
      expect(toolCalls).toEqual([]);
      expect(finishReason).toBe('length');
    });

    it('writes objects of a schema', async () => {
      const { model, requests } = setUp('{"name": "Ada"}');
      const schema = jsonSchema<{ name: string }>({
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      });
      const { output } = await generateText({ model, prompt, output: Output.object({ schema }) });
      expect(output).toEqual({ name: 'Ada' });
      expect(requests[0]?.grammar).toBeDefined();
    });

    it('refuses tools of a provider', async () => {
      const { model } = setUp('No.');
      const search = { type: 'provider' as const, id: 'x.search' as const, name: 'search', args: {} };
      const request = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }] };
      await expect(model.doGenerate({ ...request, tools: [search] })).rejects.toMatchObject({
        code: 'unsupported-option',
      });
    });
  });

  it('embeds', async () => {
    const create = async ({ input }: { readonly input: readonly string[] }) => ({
      data: input.map((text) => ({ embedding: [text.length] })),
      usage: { prompt_tokens: 4 },
    });
    const provider = createSottoProvider({ embeddings: { create } } as unknown as AiSdkEngine);
    const { embeddings, usage } = await embedMany({ model: provider.embeddingModel('e'), values: ['a', 'bcd'] });
    expect(embeddings).toEqual([[1], [3]]);
    expect(usage.tokens).toBe(4);
  });

  it('gets coded errors', async () => {
    const { provider } = providerThatSays('boom');
    await expect(generateText({ model: provider('m'), prompt: 'Hi', maxRetries: 0 })).rejects.toMatchObject({
      code: 'model-not-loaded',
    });
    const image = { type: 'file' as const, mediaType: 'image/png', data: new Uint8Array([1]) };
    await expect(
      generateText({ model: provider('m'), messages: [{ role: 'user', content: [image] }], maxRetries: 0 }),
    ).rejects.toMatchObject({ code: 'unsupported-option' });
  });
});
