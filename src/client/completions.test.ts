import { describe, expect, it } from 'vitest';
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  TemplateRequest,
  TokenLogprobs,
} from '../protocol/index.ts';
import { settle } from '../protocol/index.ts';
import { renderChatTemplate } from '../runtime/text/chat-template/index.ts';
import { SottoError } from '../shared/index.ts';
import { Background } from './background.ts';
import { ChatCompletions } from './chat-completions.ts';
import { CompletionRunner } from './completion-runner.ts';
import { chatLogprobs, textLogprobs } from './log-probabilities.ts';
import type { Models } from './models.ts';
import { NEUTRAL_DEFAULTS } from './sampling-parameters.ts';
import { fakeWorker, ok } from './testing/fake-worker.ts';
import { Completions } from './text-completions.ts';
import type { Workers } from './workers.ts';

const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
const THINKING = `${CHATML}{# knows </think> #}`;

const textOf = (pieces: readonly { text: string }[]) => pieces.map(({ text }) => text).join('');

/** A client whose model writes `answer(seed)`, in pieces of three characters. */
function clientThatWrites(
  answer: (request: GenerateRequest) => string,
  template = CHATML,
  logprobs?: readonly TokenLogprobs[],
) {
  const requests: GenerateRequest[] = [];
  const inference = {
    generate: async (request: GenerateRequest, onEvent: (event: GenerateEvent) => void) => {
      requests.push(request);
      let text = '';
      const envelope = await settle(async () => {
        text = answer(request);
      });
      if (!envelope.ok) return envelope;
      // The last piece never arrives as a delta: a client must take it from the result.
      for (let at = 0; at + 3 < text.length; at += 3) {
        onEvent({
          type: 'text-delta',
          text: text.slice(at, at + 3),
          tokens: 1,
          ...(at === 0 && logprobs ? { logprobs: logprobs.slice(0, 1) } : {}),
        });
      }
      const timings = { promptTokens: 5, cachedTokens: 2, completionTokens: 4 };
      return ok({
        text,
        tokenIds: [1],
        promptTokenIds: [2],
        finishReason: 'stop',
        timings,
        logprobs,
      } as unknown as GenerateResult);
    },
    abort: () => {},
  };
  const sandbox = {
    hello: async () => ok({ protocolVersion: 1 }),
    renderTemplate: async (request: TemplateRequest) => ok(renderChatTemplate(request)),
  };
  const model = {
    id: 'm',
    name: 'm',
    chatTemplate: template,
    namedChatTemplates: {},
    bosToken: '',
    eosToken: '<|im_end|>',
    specialTokens: ['<|im_start|>', '<|im_end|>'],
  };
  const permit = async () => null;
  const workers = {
    inference: fakeWorker(inference),
    sandbox: fakeWorker(sandbox),
    background: new Background(),
    permit,
  } as unknown as Workers;
  const models = { ready: async () => ({ model, defaults: NEUTRAL_DEFAULTS }) } as unknown as Models;
  const runner = new CompletionRunner(workers, models);
  return {
    chat: new ChatCompletions(runner, () => {
      throw new RangeError('No flows here.');
    }),
    completions: new Completions(runner),
    requests,
  };
}

const USER = { role: 'user' as const, content: 'Hi' };

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('several answers to one request', () => {
  it('come one after the other, with seeds that follow each other and usage that adds up', async () => {
    const { chat, requests } = clientThatWrites(({ sampling }) => `seed ${sampling.seed}`);
    const request = { model: 'm', messages: [USER], n: 3, seed: 2 ** 32 - 1 };
    const { choices, usage } = await chat.create(request);
    expect(choices.map(({ message }) => message.content)).toEqual(['seed 4294967295', 'seed 0', 'seed 1']);
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 12, total_tokens: 27 });
    expect(requests).toHaveLength(3);

    const chunks = await read(await chat.create({ ...request, stream: true }));
    const written = ['', '', ''];
    for (const { choices: pieces } of chunks) {
      for (const { index, delta } of pieces) written[index] += delta.content ?? '';
    }
    expect(written).toEqual(['seed 4294967295', 'seed 0', 'seed 1']);
    expect(chunks.filter((chunk) => chunk.usage !== undefined)).toEqual([chunks.at(-1)]);
  });

  it('end with the one that an abort met: those before it are kept, those behind it never begin', async () => {
    const stop = () => new AbortController();
    let [controller, answers] = [stop(), 0];
    const { chat, requests } = clientThatWrites(() => {
      if (++answers % 2 === 0) controller.abort();
      return `answer ${answers}`;
    });
    const request = { model: 'm', messages: [USER], n: 3 };
    const { choices } = await chat.create(request, { signal: controller.signal });
    expect(choices.map(({ message }) => message.content)).toEqual(['answer 1', 'answer 2']);
    controller = stop();
    const chunks = await read(await chat.create({ ...request, stream: true }, { signal: controller.signal }));
    expect(chunks.filter(({ choices: [choice] }) => choice?.finish_reason)).toHaveLength(2);
    expect(chunks.at(-1)?.usage).toBeDefined();
    expect(requests).toHaveLength(4);
  });

  it('are asked of each prompt of a text completion', async () => {
    const { completions } = clientThatWrites(({ prompt }) => `after ${textOf(prompt)}`);
    const { choices } = await completions.create({ model: 'm', prompt: ['a', 'b'], n: 2, echo: true });
    expect(choices.map(({ text }) => text)).toEqual(['aafter a', 'aafter a', 'bafter b', 'bafter b']);
  });
});

describe('thinking', () => {
  const answer = () => '<think>\nHm.\n</think>\n\nYes.';

  it('is kept apart from what is said, streamed or whole', async () => {
    const { chat } = clientThatWrites(answer, THINKING);
    const { choices } = await chat.create({ model: 'm', messages: [USER] });
    expect(choices[0]?.message).toMatchObject({ content: 'Yes.', reasoning_content: 'Hm.\n' });

    const chunks = await read(await chat.create({ model: 'm', messages: [USER], stream: true }));
    const deltas = chunks.flatMap((chunk) => chunk.choices.map(({ delta }) => delta));
    expect(deltas.map(({ reasoning_content = '' }) => reasoning_content).join('')).toBe('Hm.\n');
    expect(deltas.map(({ content = '' }) => content).join('')).toBe('Yes.');
    expect(deltas.filter(({ role }) => role !== undefined)).toEqual([deltas[0]]);
  });

  it('stays in the text on request, and where the model knows no tags', async () => {
    const inline = clientThatWrites(answer, THINKING).chat;
    const whole = await inline.create({ model: 'm', messages: [USER], reasoning_format: 'inline' });
    expect(whole.choices[0]?.message).toEqual({ role: 'assistant', content: answer(), refusal: null });
    const plain = await clientThatWrites(answer).chat.create({ model: 'm', messages: [USER] });
    expect(plain.choices[0]?.message.content).toBe(answer());
  });
});

describe('a budget of thinking', () => {
  const ask = async (fields: object, template = THINKING) => {
    const { chat, requests } = clientThatWrites(() => 'Yes.', template);
    await chat.create({ model: 'm', messages: [USER], ...fields });
    return requests[0];
  };

  it('is a number of tokens, or a share of the answer', async () => {
    expect((await ask({ reasoning: { max_tokens: 7 } }))?.thinking).toEqual({
      tokens: 7,
      isOpen: false,
      open: '<think>',
      close: '</think>',
    });
    expect((await ask({ reasoning_effort: 'medium', max_tokens: 100 }))?.thinking?.tokens).toBe(50);
    expect((await ask({ reasoning: { effort: 'low' }, max_completion_tokens: 100 }))?.thinking?.tokens).toBe(20);
    expect((await ask({ reasoning_effort: 'none' }))?.thinking?.tokens).toBe(0);
    expect(await ask({})).not.toHaveProperty('thinking');
    expect(await ask({ reasoning_effort: 'high' }, CHATML)).not.toHaveProperty('thinking');
    expect((await ask({ reasoning: { max_tokens: 7 }, reasoning_format: 'inline' }))?.thinking?.tokens).toBe(7);
  });

  it('of nothing tells the template, too', async () => {
    const template = `${THINKING}{% if enable_thinking == false %}<think></think>{% endif %}`;
    const end = async (fields: object) => textOf((await ask(fields, template))?.prompt ?? []).endsWith('</think>');
    expect(await end({ reasoning_effort: 'none' })).toBe(true);
    expect(await end({ reasoning_effort: 'high' })).toBe(false);
  });

  it.each([
    [{ reasoning_effort: 'much' }, 'reasoning_effort'],
    [{ reasoning: { max_tokens: 1.5 } }, 'reasoning'],
    [{ reasoning: { effort: 'low', max_tokens: 1 } }, 'reasoning'],
    [{ reasoning: { exclude: true } }, 'reasoning'],
    [{ reasoning: { max_tokens: 1 }, reasoning_effort: 'low' }, 'reasoning_effort'],
  ])('is refused where it makes no sense: %j', async (fields, option) => {
    await expect(ask(fields)).rejects.toMatchObject({ code: 'invalid-option', details: { option } });
  });
});

describe('an engine that another tab has taken', () => {
  const moved = (details: object) => new SottoError('engine-moved', 'Moved.', { details: details as never });

  it('is asked again where nothing had begun', async () => {
    let failures = 2;
    const { chat, requests } = clientThatWrites(() => {
      if (failures-- > 0) throw moved({ hasRun: false });
      return 'Yes.';
    });
    const { choices } = await chat.create({ model: 'm', messages: [USER] });
    expect(choices[0]?.message.content).toBe('Yes.');
    expect(requests).toHaveLength(3);
  });

  it('is not asked again where the answer had begun, nor for ever', async () => {
    const begun = clientThatWrites(() => {
      throw moved({});
    });
    await expect(begun.chat.create({ model: 'm', messages: [USER] })).rejects.toMatchObject({ code: 'engine-moved' });
    expect(begun.requests).toHaveLength(1);
    const never = clientThatWrites(() => {
      throw moved({ hasRun: false });
    });
    await expect(never.chat.create({ model: 'm', messages: [USER] })).rejects.toMatchObject({ code: 'engine-moved' });
    expect(never.requests).toHaveLength(4);
  });
});

it('an answer the caller began goes on where it ends', async () => {
  const { chat, requests } = clientThatWrites(() => ' three');
  const messages = [USER, { role: 'assistant' as const, content: 'One, two,' }];
  const { choices } = await chat.create({ model: 'm', messages });
  expect(choices[0]?.message.content).toBe(' three');
  expect(textOf(requests[0]?.prompt ?? [])).toMatch(/<\|im_start\|>assistant\nOne, two,$/);
});

it('usage comes in a chunk of its own where the request says so', async () => {
  const { chat, completions } = clientThatWrites(() => 'Hello there');
  const options = { model: 'm', stream: true, stream_options: { include_usage: true } } as const;
  for (const stream of [
    await chat.create({ ...options, messages: [USER] }),
    await completions.create({ ...options, prompt: 'Hi' }),
  ]) {
    const chunks = await read<{ choices: readonly unknown[]; usage?: object }>(stream);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 9 } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === undefined)).toBe(true);
  }
});

it.each([
  { messages: [USER], reasoning_format: 'raw' },
  { messages: [USER], n: 1.5 },
])('refuses %j', async (request) => {
  const { chat } = clientThatWrites(() => '');
  await expect(chat.create({ model: 'm', ...request } as never)).rejects.toMatchObject({ code: 'invalid-option' });
});

it('refuses token ids as a prompt', async () => {
  const { completions } = clientThatWrites(() => '');
  await expect(completions.create({ model: 'm', prompt: [1, 2] } as never)).rejects.toMatchObject({
    code: 'invalid-option',
  });
});

describe('log-probabilities', () => {
  const token = (text: string, logprob: number) => ({ tokenId: 1, bytes: new TextEncoder().encode(text), logprob });
  const tokens = [
    { ...token('He', -0.5), top: [token('He', -0.5), token('A', -1)] },
    { ...token('é!', -0.25), top: [token('é!', -0.25)] },
  ];

  it('are written as the chat API does', () => {
    expect(chatLogprobs(undefined)).toBeNull();
    expect(chatLogprobs(tokens)?.content[1]).toEqual({
      token: 'é!',
      logprob: -0.25,
      bytes: [0xc3, 0xa9, 0x21],
      top_logprobs: [{ token: 'é!', logprob: -0.25, bytes: [0xc3, 0xa9, 0x21] }],
    });
  });

  it('are written as the text completion API does', () => {
    expect(textLogprobs(tokens, 3)).toEqual({
      tokens: ['He', 'é!'],
      token_logprobs: [-0.5, -0.25],
      top_logprobs: [{ He: -0.5, A: -1 }, { 'é!': -0.25 }],
      text_offset: [3, 5],
    });
  });

  it('travel with the text they belong to, each once', async () => {
    const { chat, requests } = clientThatWrites(() => 'Heé!', CHATML, tokens);
    const request = { model: 'm', messages: [USER], logprobs: true, top_logprobs: 2 };
    const { choices } = await chat.create(request);
    expect(choices[0]?.logprobs?.content.map(({ token: text }) => text)).toEqual(['He', 'é!']);
    expect(requests[0]?.topLogprobs).toBe(2);
    const chunks = await read(await chat.create({ ...request, stream: true }));
    const streamed = chunks.flatMap((chunk) => chunk.choices.flatMap(({ logprobs }) => logprobs?.content ?? []));
    expect(streamed.map(({ token: text }) => text)).toEqual(['He', 'é!']);
  });
});
