import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { describe, expect, it } from 'vitest';
import type { ChatCompletionRequest, RequestOptions } from '../../openai-types.ts';
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

  it('refuses what is no text chat', async () => {
    const { model } = modelThatEchoes();
    const image = new HumanMessage({ content: [{ type: 'image_url', image_url: 'data:,' }] });
    await expect(model.invoke([image])).rejects.toMatchObject({ code: 'unsupported-option' });
    const tool = new ToolMessage({ content: 'x', tool_call_id: '1' });
    await expect(model.invoke([tool])).rejects.toMatchObject({ code: 'unsupported-option' });
  });
});
