import type { ChatCompletionChunk, ChatCompletionRequest } from '../../client/index.ts';
import { type ChatStore, createChatStore } from '../../storage/chats/index.ts';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { type ChatControllerOptions, createChatController } from './chat-controller.ts';
import { createChatLibrary } from './chat-library.ts';
import { type EngineScript, testEngine } from './engine.kit.ts';

const BASE = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm' } as const;

export function piece(content: string): ChatCompletionChunk {
  return { ...BASE, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
}

export function last(finish_reason: 'stop' | 'length' | 'abort', total_tokens = 12): ChatCompletionChunk {
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

/** For tests: a chat whose answers are written by `answer`, drawn when the test says so. */
export function chatOf(
  answer: NonNullable<EngineScript['answer']>,
  { store, ...more }: Partial<Omit<ChatControllerOptions, 'library'>> & { readonly store?: ChatStore } = {},
) {
  const drawn: (() => void)[] = [];
  const library = createChatLibrary(store ?? createChatStore(createMemoryRecordStore()));
  const chat = createChatController({
    engine: testEngine({ answer }),
    library,
    model: () => ({ id: 'm', name: 'Model', parameters: 1e9 }),
    schedule: (callback) => drawn.push(callback),
    ...more,
  });
  const draw = () => {
    for (const callback of drawn.splice(0)) callback();
  };
  const texts = () => chat.branch.value.map(({ text }) => text);
  return { chat, library, draw, texts };
}

/** Answers "1", "2", … in turn and keeps the requests. */
export function counting() {
  const requests: ChatCompletionRequest[] = [];
  const answer = async function* (request: ChatCompletionRequest) {
    requests.push(request);
    yield piece(String(requests.length));
    yield last('stop');
  };
  return { requests, answer };
}

export const lastMessage = (chat: ReturnType<typeof chatOf>['chat']) => chat.branch.value.at(-1);
