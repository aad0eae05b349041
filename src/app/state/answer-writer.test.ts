import { describe, expect, it, vi } from 'vitest';
import { type ChatCompletionRequest, SottoError } from '../../client/index.ts';
import { chatOf, counting, last, lastMessage, piece } from './chat.kit.ts';

describe('an answer that was cut short', () => {
  it('goes on where it was cut short, in the same message', async () => {
    const requests: ChatCompletionRequest[] = [];
    const { chat, texts } = chatOf(async function* (request) {
      requests.push(request);
      yield piece(requests.length === 1 ? 'once upon' : ' a time');
      yield last(requests.length === 1 ? 'length' : 'stop');
    });
    await chat.ask('tell');
    await chat.goOn();
    expect(texts()).toEqual(['tell', 'once upon a time']);
    expect(requests[1]?.messages).toEqual([
      { role: 'user', content: 'tell' },
      { role: 'assistant', content: 'once upon' },
    ]);
  });

  it('goes on from the passages it was begun with, without looking for them anew', async () => {
    const requests: ChatCompletionRequest[] = [];
    const citation = { documentId: 'd', documentName: 'rules.md', chunk: 0, page: null, passage: 'Berlin: 140 euros.' };
    const ground = vi.fn(async () => ({ prompt: 'unseen', citations: [citation], answer: null }));
    const { chat } = chatOf(
      async function* (request) {
        requests.push(request);
        yield piece('It is');
        yield last(requests.length === 1 ? 'length' : 'stop');
      },
      { ground },
    );
    await chat.ask('How much in Berlin?');
    await chat.goOn();
    expect(ground).toHaveBeenCalledTimes(1);
    expect(requests[1]?.messages).toMatchObject([
      { role: 'user', content: expect.stringMatching(/Berlin: 140 euros\.[\s\S]*Question: How much in Berlin\?/) },
      { role: 'assistant' },
    ]);
    expect(lastMessage(chat)?.citations).toEqual([citation]);
  });

  it('goes on with what was thought before it', async () => {
    const requests: ChatCompletionRequest[] = [];
    const { chat } = chatOf(async function* (request) {
      requests.push(request);
      yield piece('<think>Hm.</think>So');
      yield last('length');
    });
    await chat.ask('why?');
    await chat.goOn();
    expect(requests[1]?.messages.at(-1)).toEqual({ role: 'assistant', content: '<think>Hm.</think>So' });
  });
});

describe('another answer', () => {
  it('lets a model that would write the same again choose more freely, unless a person has chosen', async () => {
    const { requests, answer } = counting();
    const model = () => ({ id: 'm', name: 'Model', parameters: 1, isGreedy: true });
    const { chat } = chatOf(answer, { model });
    await chat.ask('a');
    await chat.retry();
    expect(requests.map(({ temperature }) => temperature)).toEqual([undefined, 0.5]);
    for (const parameters of [{ temperature: 0 }, { seed: 7 }]) {
      chat.change({ parameters });
      await chat.retry();
      expect(requests.at(-1)).toMatchObject(parameters);
      expect(requests.at(-1)?.min_p).toBeUndefined();
    }
  });

  it('leaves a model that chooses by itself, and an answer that is the first, as they are', async () => {
    const { requests, answer } = counting();
    const { chat } = chatOf(answer);
    await chat.ask('a');
    await chat.retry();
    const greedy = chatOf(answer, { model: () => ({ id: 'm', name: 'Model', parameters: 1, isGreedy: true }) });
    await greedy.chat.ask('a');
    greedy.chat.removeMessage(lastMessage(greedy.chat)!.id);
    await greedy.chat.retry();
    expect(requests.map(({ temperature }) => temperature)).toEqual(Array(4).fill(undefined));
  });
});

describe('a title that the model writes', () => {
  it('is no title where a new question came before it was whole', async () => {
    let halfway = () => {};
    const isHalfway = new Promise<void>((resolve) => {
      halfway = resolve;
    });
    const { chat } = chatOf(
      async function* (request, signal) {
        if (request.max_tokens !== 16) {
          yield piece('ok');
          yield last('stop');
          return;
        }
        yield piece('How to');
        if (signal.aborted || request.messages.length > 3) yield last('abort');
        halfway();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        yield last('abort');
      },
      { namesChats: () => true },
    );
    void chat.ask('What is a socket in a network?');
    await isHalfway;
    await chat.ask('And a port?');
    expect(chat.open.value.chat).toMatchObject({ title: 'What is a socket in a network?', titledBy: 'question' });
  });
});

it('an answer whose passages cannot be found says why, and the chat goes on', async () => {
  const ground = vi.fn(async () => null);
  ground.mockRejectedValueOnce(new SottoError('worker-lost', 'The thread died.'));
  const { chat, texts } = chatOf(counting().answer, { ground });
  await chat.ask('one');
  expect(lastMessage(chat)).toMatchObject({ text: '', state: { kind: 'failed', code: 'worker-lost' } });
  await chat.retry();
  expect(texts()).toEqual(['one', '1']);
});
