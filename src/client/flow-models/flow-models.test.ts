import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { answerLocalApi } from '../../net/local-api/index.ts';
import type { LocalApiAsk } from '../../protocol/index.ts';
import { wordEmbedder } from '../../runtime/experts/testing/word-embedder.ts';
import { FlowService } from '../../runtime/flows/index.ts';
import { serveLocalApi } from '../local-api/index.ts';
import type { LocalApiEngine } from '../local-api/local-api-engine.ts';
import { pageOfModels } from '../model-page.ts';
import type { ChatCompletionRequest, RequestOptions } from '../openai-types.ts';
import type { LazyTasks } from '../tasks/index.ts';
import { answerThroughFlow } from './index.ts';

const SCOPE = 'http://site.test/';
const service = new FlowService();
const tools = {
  embedder: async () => wordEmbedder(),
  generate: (() => Promise.reject(new Error('no model'))) as never,
};

/** The real flows, without threads between. */
const flows = {
  document: (flow: string) => service.document(flow),
  run: (flow: string, input: unknown, options: Record<string, unknown>) => {
    const signal = (options['signal'] ?? new AbortController().signal) as AbortSignal;
    const tell = (options['onEvent'] ?? (() => {})) as () => void;
    return service.run({ flow, input, seed: options['seed'] as number }, tools, signal, tell);
  },
} as unknown as LazyTasks['flows'];

const engine = {
  models: {
    loaded: null,
    load: () => Promise.reject(new Error('A flow needs no model.')),
    list: async () => pageOfModels({ catalogue: [], stored: [], loaded: null }),
    retrieve: async (id: string) =>
      pageOfModels({ catalogue: [], stored: [], loaded: null }).data.find((one) => one.id === id),
  },
  chat: {
    completions: {
      create: (request: ChatCompletionRequest, options: RequestOptions) => answerThroughFlow(flows, request, options),
    },
  },
} as unknown as LocalApiEngine;

let stop: (() => void) | undefined;
afterEach(() => stop?.());

/** The real client of the API, answered by the page's engine through the service worker's code. */
function client() {
  const container = new EventTarget();
  stop = serveLocalApi(engine, container as unknown as ServiceWorkerContainer);
  const page = {
    postMessage: (data: LocalApiAsk, [port]: Transferable[]) =>
      container.dispatchEvent(Object.assign(new Event('message'), { data, ports: [port] })),
  };
  const options = { scope: SCOPE, pages: async () => [page] };
  return new OpenAI({
    apiKey: 'none',
    baseURL: `${SCOPE}v1`,
    maxRetries: 0,
    fetch: (address, init) => answerLocalApi(new Request(address, init), options),
  });
}

const say = (content: string) => ({ model: 'flow:redact', messages: [{ role: 'user' as const, content }] });
/** What the client hands on without knowing it. */
const extra = (value: unknown) =>
  value as {
    readonly sotto: {
      readonly flow: Record<string, never> & { trace: { steps: { node: string }[] }; output: { count: number } };
    };
  };

describe('a flow as a model, asked by the openai client', () => {
  it('is listed, answers, and shows how it came to the answer', async () => {
    const openai = client();
    const models = await openai.models.list();
    expect(models.data.map(({ id }) => id)).toContain('flow:support');
    const answer = await openai.chat.completions.create(say('My name is Anna Keller, mail anna@keller.example.'));
    expect(answer.model).toBe('flow:redact');
    expect(answer.choices[0]?.message.content).toBe('My name is [PERSON_1], mail [EMAIL_1].');
    const { trace, output } = extra(answer).sotto.flow;
    expect(trace.steps.map(({ node }) => node)).toEqual(['clean', 'report']);
    expect(output.count).toBe(2);
    expect(answer.usage?.completion_tokens).toBe(0);
  });

  it('streams its steps and then its words, the trace with the last', async () => {
    const openai = client();
    const stream = await openai.chat.completions.create({ ...say('Call Anna Keller today.'), stream: true });
    let text = '';
    const steps: string[] = [];
    let last: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      const { flow_step: step } = chunk as unknown as { flow_step?: { node: string } };
      if (step !== undefined) steps.push(step.node);
      last = chunk;
    }
    expect(text).toBe('Call [PERSON_1] today.');
    expect(steps).toEqual(['clean', 'report']);
    expect(extra(last).sotto.flow.trace.steps).toHaveLength(2);
  });

  it('gives its whole output as JSON where that is asked for', async () => {
    const request = { ...say('Call Anna Keller today.'), response_format: { type: 'json_object' as const } };
    const answer = await client().chat.completions.create(request);
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({ count: 1 });
  });

  it('takes documents from the messages before a question, or from the request', async () => {
    const documents = 'The harbour museum opens at ten. It shows forty ships. A ticket costs six euros.';
    const answer = await client().chat.completions.create({
      model: 'flow:search-report',
      messages: [
        { role: 'user', content: documents },
        { role: 'user', content: 'How many ships does the museum show?' },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain('forty ships');
    const alone = { model: 'flow:search-report', messages: [{ role: 'user' as const, content: 'How many ships?' }] };
    await expect(client().chat.completions.create(alone)).rejects.toMatchObject({ status: 400, param: 'messages' });
  });

  it('takes a record as JSON in the message', async () => {
    const content = JSON.stringify({ text: 'A chair. It costs 20 euros.', rules: ['Must state the price.'] });
    const answer = await client().chat.completions.create({
      model: 'flow:compliance',
      messages: [{ role: 'user', content }],
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({ isCompliant: true });
  });

  it('refuses by name what would change nothing, and flows that are not there', async () => {
    const openai = client();
    await expect(openai.chat.completions.create({ ...say('Hi'), n: 2 })).rejects.toMatchObject({
      status: 400,
      param: 'n',
    });
    await expect(openai.chat.completions.create({ ...say('Hi'), stop: 'x' })).rejects.toMatchObject({ param: 'stop' });
    await expect(openai.chat.completions.create({ ...say('Hi'), model: 'flow:nothing' })).rejects.toMatchObject({
      status: 404,
    });
    await expect(openai.chat.completions.create(say('   '))).rejects.toMatchObject({
      status: 400,
      code: 'empty-prompt',
    });
  });

  it('stops when the client walks away', async () => {
    const stopped = new AbortController();
    const asked = client().chat.completions.create(say('Call Anna Keller.'), { signal: stopped.signal });
    stopped.abort();
    await expect(asked).rejects.toThrow(/abort/i);
  });
});
