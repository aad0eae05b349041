import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { answerLocalApi } from '../../net/local-api/index.ts';
import type { LocalApiAsk } from '../../protocol/index.ts';
import { abortError, SottoError } from '../../shared/index.ts';
import type { EmbeddingRequest } from '../embedding-types.ts';
import type { ChatCompletionRequest, CompletionRequest, RequestOptions } from '../openai-types.ts';
import type { LocalApiEngine } from './local-api-engine.ts';
import { serveLocalApi } from './serve-local-api.ts';

const SCOPE = 'http://site.test/apps/';

/** Every answer of the API that was given, so that tests can look behind the client. */
const responses: Response[] = [];
/** Undone after each test: an open port keeps a process alive. */
let stopServing: (() => void)[] = [];
afterEach(() => {
  for (const stop of stopServing) stop();
  stopServing = [];
  responses.length = 0;
});

/** An engine with one model, which says what it is asked; "boom" fails, "forever" never ends. */
function engineWith({ loaded = true, onAbort = () => {} } = {}) {
  const calls: string[] = [];
  let isLoaded = loaded;
  const base = { id: 'x', created: 1, model: 'm' };
  async function* chat(request: ChatCompletionRequest, signal: AbortSignal | undefined) {
    const text = String(request.messages.at(-1)?.content);
    for (const content of text.match(/.{1,3}/gsu) ?? []) {
      yield {
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content }, finish_reason: null }],
      };
    }
    if (text === 'boom late') throw new SottoError('numeric-fault', 'Not a number.');
    if (text === 'forever') {
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          onAbort();
          reject(abortError());
        });
      });
    }
    yield { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  }
  const engine = {
    models: {
      get loaded() {
        return isLoaded ? { id: 'm' } : null;
      },
      load: async (id: string) => {
        calls.push(`load ${id}`);
        isLoaded = true;
      },
      list: async () => ({ object: 'list', data: [{ id: 'm', object: 'model', created: 0, owned_by: 'this-device' }] }),
      retrieve: async (id: string) => {
        if (id !== 'm') throw new SottoError('model-unknown', `There is no model "${id}".`);
        return { id, object: 'model', created: 0, owned_by: 'this-device' };
      },
    },
    chat: {
      completions: {
        create: async (request: ChatCompletionRequest, { signal }: RequestOptions = {}) => {
          if (request.messages.at(-1)?.content === 'boom') {
            throw new SottoError('invalid-option', 'Too hot.', { details: { option: 'temperature' } });
          }
          if (request.stream) return chat(request, signal);
          const message = { role: 'assistant', content: request.messages.at(-1)?.content };
          return { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] };
        },
      },
    },
    completions: {
      create: async ({ prompt }: CompletionRequest) => ({
        ...base,
        object: 'text_completion',
        choices: [{ index: 0, text: `${prompt}!`, finish_reason: 'stop', logprobs: null }],
      }),
    },
    embeddings: {
      create: async ({ model, input, encoding_format: format }: EmbeddingRequest) => ({
        object: 'list',
        model,
        data: [input].flat().map((text, index) => ({
          object: 'embedding',
          index,
          embedding: format === 'base64' ? toBase64(Float32Array.of(text.length, 0.5)) : [text.length, 0.5],
        })),
        usage: { prompt_tokens: 1, total_tokens: 1 },
      }),
    },
  };
  return { engine: engine as unknown as LocalApiEngine, calls };
}

const toBase64 = (vector: Float32Array) => Buffer.from(vector.buffer).toString('base64');

/** A page as the service worker sees it, with or without an engine in it. */
function pageOf(engine?: LocalApiEngine) {
  const container = new EventTarget();
  if (engine) stopServing.push(serveLocalApi(engine, container as unknown as ServiceWorkerContainer));
  return {
    postMessage: (data: LocalApiAsk, [port]: Transferable[]) => {
      container.dispatchEvent(Object.assign(new Event('message'), { data, ports: [port] }));
      if (!engine) (port as MessagePort).close();
    },
  };
}

function answer(pages: ReturnType<typeof pageOf>[], path: string, init: RequestInit = {}) {
  return answerLocalApi(new Request(new URL(path, SCOPE), init), { scope: SCOPE, pages: async () => pages });
}

/** The real client of the API, with nothing changed but where it sends its requests. */
function clientOf(...pages: ReturnType<typeof pageOf>[]) {
  return new OpenAI({
    apiKey: 'none',
    baseURL: `${SCOPE}v1`,
    maxRetries: 0,
    fetch: async (address, init) => {
      const response = await answerLocalApi(new Request(address, init), { scope: SCOPE, pages: async () => pages });
      responses.push(response);
      return response;
    },
  });
}

const messages = [{ role: 'user' as const, content: 'Hello, world' }];

describe('the openai client', () => {
  it('gets whole answers', async () => {
    const client = clientOf(pageOf(engineWith().engine));
    const chat = await client.chat.completions.create({ model: 'm', messages });
    expect(chat.choices[0]?.message.content).toBe('Hello, world');
    const text = await client.completions.create({ model: 'm', prompt: 'Hi' });
    expect(text.choices[0]?.text).toBe('Hi!');
  });

  it('gets embeddings, which it asks for in base64 by itself', async () => {
    const client = clientOf(pageOf(engineWith().engine));
    const { data } = await client.embeddings.create({ model: 'e', input: ['ab', 'abc'] });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [2, 0.5],
      [3, 0.5],
    ]);
  });

  it('gets streams', async () => {
    const client = clientOf(pageOf(engineWith().engine));
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Hello, world');
    expect(responses[0]?.headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  it('lists and finds models', async () => {
    const client = clientOf(pageOf(engineWith().engine));
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(['m']);
    expect(await client.models.retrieve('m')).toMatchObject({ id: 'm', object: 'model' });
    await expect(client.models.retrieve('n')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('stops an answer by aborting it', async () => {
    let stopped: () => void = () => {};
    const hasStopped = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const client = clientOf(pageOf(engineWith({ onAbort: () => stopped() }).engine));
    const forever = [{ role: 'user' as const, content: 'forever' }];
    const stream = await client.chat.completions.create({ model: 'm', messages: forever, stream: true });
    for await (const _ of stream) break;
    await hasStopped;
  });

  it('gets errors it knows, with status, code and parameter', async () => {
    const client = clientOf(pageOf(engineWith().engine));
    const ask = (content: string, model = 'm') =>
      client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    const refused = await ask('boom').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ status: 400, code: 'invalid-option', param: 'temperature' });
    await expect(ask('x', 'n')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const late = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'boom late' }],
      stream: true,
    });
    await expect(
      (async () => {
        for await (const _ of late);
      })(),
    ).rejects.toMatchObject({ code: 'numeric-fault' });
  });
});

describe('who answers', () => {
  it('is a page that has the model, before one that is empty; pages without an engine do not count', async () => {
    const empty = engineWith({ loaded: false });
    const client = clientOf(pageOf(), pageOf(empty.engine), pageOf(engineWith().engine));
    await client.chat.completions.create({ model: 'm', messages });
    expect(empty.calls).toEqual([]);
  });

  it('is a page that is empty, which loads the model first', async () => {
    const { engine, calls } = engineWith({ loaded: false });
    await clientOf(pageOf(engine)).chat.completions.create({ model: 'm', messages });
    expect(calls).toEqual(['load m']);
  });

  it('is nobody where no page has an engine', async () => {
    const response = await answer([], 'v1/models');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'no_engine', type: 'server_error' } });
  });
});

describe('what is refused before any page is asked', () => {
  it.each([
    ['v1/unknown', {}, 404, 'unknown_url'],
    ['v1/chat/completions', {}, 405, 'method_not_allowed'],
    ['v1/models', { method: 'POST', body: '{}' }, 405, 'method_not_allowed'],
    ['v1/chat/completions', { method: 'POST', body: '{' }, 400, 'invalid_json'],
    ['v1/chat/completions', { method: 'POST', body: '[]' }, 400, 'invalid_json'],
    ['v1/models', { mode: 'no-cors' }, 403, 'origin_not_allowed'],
  ] as const)('%s %j', async (path, init, status, code) => {
    const response = await answer([], path, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('includes what another site can send by a form: a navigation', async () => {
    const request = { url: `${SCOPE}v1/chat/completions`, method: 'POST', mode: 'navigate' } as Request;
    expect((await answerLocalApi(request, { scope: SCOPE, pages: async () => [] })).status).toBe(403);
  });
});
