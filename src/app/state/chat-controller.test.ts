import { describe, expect, it, vi } from 'vitest';
import { type ChatCompletionChunk, type ChatCompletionRequest, SottoError } from '../../client/index.ts';
import { abortError } from '../../shared/index.ts';
import { createChatController } from './chat-controller.ts';
import { type EngineScript, testEngine } from './engine.kit.ts';

const BASE = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm' } as const;

function piece(content: string): ChatCompletionChunk {
  return { ...BASE, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
}

function last(finish_reason: 'stop' | 'length' | 'abort', total_tokens = 12): ChatCompletionChunk {
  return {
    ...BASE,
    choices: [{ index: 0, delta: {}, finish_reason }],
    usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens, prompt_tokens_details: { cached_tokens: 0 } },
    timings: {
      promptTokens: 10,
      cachedTokens: 0,
      completionTokens: 2,
      firstTokenMs: 1,
      prefillTokensPerSecond: 1,
      decodeTokensPerSecond: 41,
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function chatOf(answer: NonNullable<EngineScript['answer']>) {
  const drawn: (() => void)[] = [];
  const chat = createChatController(
    testEngine({ answer }),
    () => 'm',
    (callback) => drawn.push(callback),
  );
  const draw = () => {
    for (const callback of drawn.splice(0)) callback();
  };
  return { chat, draw };
}

const lastTurn = (chat: ReturnType<typeof chatOf>['chat']) => chat.conversation.value.turns.at(-1);

describe('an answer', () => {
  it('arrives whole, with its speed and the context in use', async () => {
    const { chat } = chatOf(async function* () {
      yield piece('Hyper');
      yield piece('text');
      yield last('stop');
    });
    await chat.ask('What?');
    expect(lastTurn(chat)).toMatchObject({ question: 'What?', answer: 'Hypertext', status: { kind: 'finished' } });
    expect(chat.conversation.value.contextTokens).toBe(12);
    expect(chat.rate.value).toBe(41);
  });

  it('is drawn once a picture, however many pieces came', async () => {
    let pieces = 0;
    const { chat, draw } = chatOf(async function* (_request, signal) {
      for (pieces = 0; pieces < 5; pieces++) yield piece('a');
      await untilAborted(signal);
      yield last('abort');
    });
    const seen: string[] = [];
    chat.conversation.subscribe(({ turns }) => seen.push(turns[0]?.answer ?? ''));
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(pieces).toBe(5));
    expect(lastTurn(chat)?.answer).toBe('');
    draw();
    expect(seen).toEqual(['', '', 'aaaaa']);
    chat.stop();
    await asked;
  });

  it('says when it ended at the limit', async () => {
    const { chat } = chatOf(async function* () {
      yield piece('a');
      yield last('length');
    });
    await chat.ask('x');
    expect(lastTurn(chat)?.status).toMatchObject({ kind: 'finished', reason: 'length' });
  });

  it.each([
    ['by a last chunk', () => Promise.resolve(last('abort', 11))],
    ['by an AbortError', () => Promise.reject(abortError())],
  ])('keeps its text when it is stopped, told %s', async (_how, end) => {
    let isWaiting = false;
    const { chat } = chatOf(async function* (_request, signal) {
      yield piece('half');
      isWaiting = true;
      await untilAborted(signal);
      yield await end();
    });
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(isWaiting).toBe(true));
    chat.stop();
    await asked;
    expect(lastTurn(chat)).toMatchObject({ answer: 'half', status: { kind: 'stopped' } });
  });

  it('stays on screen when its thread dies, and Retry asks the same again', async () => {
    const requests: ChatCompletionRequest[] = [];
    const { chat } = chatOf(async function* (request) {
      requests.push(request);
      yield piece('Hy');
      if (requests.length === 1) throw new SottoError('worker-lost', 'The thread died.');
      yield last('stop');
    });
    await chat.ask('What?');
    expect(lastTurn(chat)).toMatchObject({
      answer: 'Hy',
      status: { kind: 'failed', failure: { code: 'worker-lost' } },
    });
    await chat.retry();
    expect(lastTurn(chat)).toMatchObject({ answer: 'Hy', status: { kind: 'finished' } });
    expect(requests[1]?.messages).toEqual([{ role: 'user', content: 'What?' }]);
  });

  it('turns an error of no known kind into one that can be reported', async () => {
    const { chat } = chatOf(() => {
      throw new TypeError('odd');
    });
    await chat.ask('x');
    expect(lastTurn(chat)?.status).toMatchObject({ kind: 'failed', failure: { code: 'internal', message: 'odd' } });
  });

  it('of a chat that was cleared never comes back', async () => {
    let release: (() => void) | null = null;
    const { chat, draw } = chatOf(async function* () {
      yield piece('old');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield piece('older');
      yield last('stop');
    });
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(release).not.toBeNull());
    chat.clear();
    (release as (() => void) | null)?.();
    await asked;
    draw();
    expect(chat.conversation.value).toEqual({ turns: [], contextTokens: 0 });
  });

  it('is asked for with all that was said before', async () => {
    const requests: ChatCompletionRequest[] = [];
    const { chat } = chatOf(async function* (request) {
      requests.push(request);
      yield piece(`answer ${requests.length}`);
      yield last('stop');
    });
    await chat.ask('one');
    await chat.ask('two');
    expect(requests[1]).toMatchObject({
      model: 'm',
      stream: true,
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'answer 1' },
        { role: 'user', content: 'two' },
      ],
    });
  });

  it('is not asked for without a model', async () => {
    const chat = createChatController(
      testEngine({}),
      () => null,
      () => {},
    );
    await chat.ask('x');
    expect(chat.conversation.value.turns).toEqual([]);
  });
});
