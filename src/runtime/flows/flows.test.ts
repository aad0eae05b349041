import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import {
  FLOW_OPERATIONS,
  type FlowDocument,
  type FlowEvent,
  type FlowOperationName,
  type TextGenerationResult,
} from '../../protocol/index.ts';
import { wordEmbedder } from '../experts/testing/word-embedder.ts';
import { FlowService } from './flow-service.ts';
import { OPERATIONS } from './operations/index.ts';
import { systemIds } from './systems/index.ts';

const { signal } = new AbortController();

function tools(generate: () => Promise<TextGenerationResult> = () => Promise.reject(new Error('no model'))) {
  return { embedder: async () => wordEmbedder(), generate };
}

function flow(change: Partial<FlowDocument> = {}): FlowDocument {
  return {
    flowVersion: 1,
    id: 'test',
    version: '1',
    name: 'Test',
    description: 'A test.',
    input: { type: 'text' },
    nodes: [
      { id: 'language', uses: 'task.language' },
      { id: 'english', uses: 'transform.text', with: { template: 'English: {a}' } },
      { id: 'foreign', uses: 'transform.text', with: { template: 'Not English ({b}): {a}' } },
    ],
    edges: [
      { from: 'input', to: 'language', as: 'text' },
      { from: 'input', to: 'english', as: 'a' },
      { from: 'input', to: 'foreign', as: 'a' },
      { from: 'language', to: 'foreign', as: 'b', path: 'language' },
      { from: 'language', to: 'english', when: { path: 'language', equals: 'en' } },
      { from: 'language', to: 'foreign', when: { not: { path: 'language', equals: 'en' } } },
    ],
    output: ['english', 'foreign'],
    ...change,
  };
}

const run = (document: FlowDocument, input: unknown, more = {}, told: (event: FlowEvent) => void = () => {}) =>
  new FlowService().run({ flow: document, input, ...more }, tools(), signal, told);

describe('a flow', () => {
  it('takes the way its conditions open, and tells each step', async () => {
    const told: FlowEvent[] = [];
    const { output, trace, status } = await run(flow(), 'Where is the station?', {}, (event) => told.push(event));
    expect(status).toBe('done');
    expect(output).toEqual({ text: 'English: Where is the station?' });
    expect(trace.steps.map(({ node, status: how }) => `${node} ${how}`)).toEqual([
      'language done',
      'english done',
      'foreign skipped',
    ]);
    expect(told.filter(({ type }) => type === 'flow-step')).toHaveLength(3);
    expect((await run(flow(), 'Wo ist der Bahnhof, bitte?')).output).toEqual({
      text: 'Not English (de): Wo ist der Bahnhof, bitte?',
    });
  });

  it('remembers results by content, and computes anew from a node on replay', async () => {
    const service = new FlowService();
    const first = await service.run({ flow: flow(), input: 'Hello, how are you?' }, tools(), signal, () => {});
    const again = await service.run({ flow: flow(), input: 'Hello, how are you?' }, tools(), signal, () => {});
    expect(again.trace.steps.map(({ status }) => status)).toEqual(['cached', 'cached', 'skipped']);
    const replay = { trace: first.trace, from: 'english' };
    const third = await run(flow(), 'Hello, how are you?', { replay });
    expect(third.trace.steps.map(({ status }) => status)).toEqual(['replayed', 'done', 'skipped']);
  });

  it('runs a node for each item, and tries again, falls back, times out', async () => {
    const split = flow({
      nodes: [
        { id: 'split', uses: 'task.split', with: { by: 'lines' } },
        { id: 'each', uses: 'task.language', each: 'text' },
        { id: 'count', uses: 'transform.count', with: { by: 'language' } },
      ],
      edges: [
        { from: 'input', to: 'split', as: 'text' },
        { from: 'split', to: 'each', as: 'text', path: 'items' },
        { from: 'each', to: 'count', as: 'items', path: 'items' },
      ],
      output: ['count'],
    });
    const { output } = await run(split, 'Where is the cat?\nWo ist die Katze?\nThe dog is here.');
    expect(output).toMatchObject({ counts: { en: 2, de: 1 }, total: 3 });

    const failing = flow({
      nodes: [{ id: 'write', uses: 'prompt', with: { prompt: '{text}' }, retries: 2, fallback: { text: 'sorry' } }],
      edges: [{ from: 'input', to: 'write', as: 'text' }],
      output: ['write'],
    });
    const result = await run(failing, 'x');
    expect(result.output).toEqual({ text: 'sorry' });
    expect(result.trace.steps[0]).toMatchObject({ status: 'fallback', attempts: 3, error: { message: 'no model' } });

    const slow = { ...failing, nodes: [{ id: 'write', uses: 'prompt', with: { prompt: '{text}' }, timeoutMs: 20 }] };
    // A model that writes on until it is told to stop.
    let wasStopped = false;
    const never = {
      ...tools(),
      generate: (_: unknown, stop?: AbortSignal) =>
        new Promise<TextGenerationResult>(() => stop?.addEventListener('abort', () => (wasStopped = true))),
    };
    await expect(new FlowService().run({ flow: slow, input: 'x' }, never, signal, () => {})).rejects.toMatchObject({
      code: 'flow-failed',
      message: expect.stringContaining('20 ms'),
    });
    expect(wasStopped).toBe(true);
  });

  it('ends at its budgets of time and tokens', async () => {
    const write = flow({
      nodes: [{ id: 'write', uses: 'prompt', with: { prompt: '{text}' } }],
      edges: [{ from: 'input', to: 'write', as: 'text' }],
      output: ['write'],
      budget: { tokens: 10 },
    });
    const wordy = tools(async () => ({ text: 'a', tokens: 11, model: 'm' }));
    await expect(new FlowService().run({ flow: write, input: 'x' }, wordy, signal, () => {})).rejects.toThrow(
      /10 tokens/,
    );
    const timed = { ...write, budget: { milliseconds: 20 } };
    const never = tools(() => new Promise(() => {}));
    await expect(new FlowService().run({ flow: timed, input: 'x' }, never, signal, () => {})).rejects.toThrow(/20 ms/);
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const generate = vi.fn(() => {
      controller.abort();
      return new Promise<TextGenerationResult>(() => {});
    });
    const write = flow({
      nodes: [{ id: 'write', uses: 'prompt', with: { prompt: '{text}' } }],
      edges: [{ from: 'input', to: 'write', as: 'text' }],
      output: ['write'],
    });
    const running = new FlowService().run({ flow: write, input: 'x' }, tools(generate), controller.signal, () => {});
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('waits for a person, and goes on with the answer', async () => {
    const asks = flow({
      nodes: [
        { id: 'ask', uses: 'human', with: { question: 'Refund?', options: ['yes', 'no'] } },
        { id: 'say', uses: 'transform.text', with: { template: 'Refund: {a}' } },
      ],
      edges: [
        { from: 'input', to: 'ask', as: 'context' },
        { from: 'ask', to: 'say', as: 'a', path: 'answer' },
      ],
      output: ['say'],
    });
    const first = await run(asks, 'I want my money back.');
    expect(first).toMatchObject({ status: 'waiting', output: { node: 'ask', question: 'Refund?' } });
    const second = await run(asks, 'I want my money back.', {
      replay: { trace: first.trace, answers: { ask: { answer: 'yes' } } },
    });
    expect(second).toMatchObject({ status: 'done', output: { text: 'Refund: yes' } });
  });

  it('catches a model that answers nonsense', async () => {
    const schema = { type: 'object', required: ['label'], properties: { label: { enum: ['a', 'b'] } } };
    const write = flow({
      nodes: [{ id: 'write', uses: 'prompt', with: { prompt: '{text}', schema }, retries: 1 }],
      edges: [{ from: 'input', to: 'write', as: 'text' }],
      output: ['write'],
    });
    const answers = ['The answer is banana.', 'Sure! {"label": "b"} Hope that helps.'];
    const model = tools(async () => ({ text: answers.shift() ?? '', tokens: 5, model: 'm' }));
    const { output, trace } = await new FlowService().run({ flow: write, input: 'x' }, model, signal, () => {});
    expect(output).toMatchObject({ value: { label: 'b' } });
    expect(trace.steps[0]?.attempts).toBe(2);
    const wrong = tools(async () => ({ text: '{"label": "c"}', tokens: 5, model: 'm' }));
    await expect(new FlowService().run({ flow: write, input: 'x' }, wrong, signal, () => {})).rejects.toThrow(
      /wrote "c"/,
    );
  });
});

describe('a flow is refused', () => {
  const problemsOf = async (document: unknown) => new FlowService().validate(document as FlowDocument);
  const node = (id: string, uses = 'task.language') => ({ id, uses });

  it.each<[string, Partial<FlowDocument>, string, RegExp]>([
    [
      'with a circle',
      { edges: [...flow().edges, { from: 'english', to: 'language', as: 'text', path: 'text' }] },
      'nodes.language',
      /circle/,
    ],
    [
      'with a node that nothing reaches',
      {
        nodes: [...flow().nodes, node('lost')],
        edges: [
          ...flow().edges,
          { from: 'lost', to: 'english', as: 'b', path: 'language' },
          { from: 'lost', to: 'lost2', as: 'text' },
        ],
      },
      'nodes.lost',
      /No edge brings/,
    ],
    [
      'with a node that leads nowhere',
      { nodes: [...flow().nodes, node('idle')], edges: [...flow().edges, { from: 'input', to: 'idle', as: 'text' }] },
      'nodes.idle',
      /depends on it/,
    ],
    [
      'with an unknown operation',
      { nodes: [node('language', 'task.magic'), ...flow().nodes.slice(1)] },
      'nodes.language',
      /no operation/,
    ],
    [
      'with an expert that is not there',
      { nodes: [{ id: 'language', uses: 'expert.classify', with: { expert: 'ghost' } }, ...flow().nodes.slice(1)] },
      'nodes.language.with.expert',
      /ghost/,
    ],
    ['with an edge to nowhere', { edges: [...flow().edges, { from: 'language', to: 'nobody' }] }, 'edges[6]', /nobody/],
    [
      'with an edge whose types do not match',
      {
        edges: flow().edges.map((edge, index) =>
          index === 0 ? { from: 'english', to: 'language', as: 'text' } : edge,
        ),
      },
      'edges[0]',
      /takes text; this brings record/,
    ],
    [
      'with an edge from a part that is not there',
      { edges: flow().edges.map((edge, index) => (index === 3 ? { ...edge, path: 'colour' } : edge)) },
      'edges[3]',
      /gives no "colour"/,
    ],
    ['without the output it names', { output: ['ghost'] }, 'output[0]', /ghost/],
    ['of a later version', { flowVersion: 2 as 1 }, 'flowVersion', /version 1/],
    ['with two nodes of one name', { nodes: [...flow().nodes, node('language')] }, 'nodes.language', /Two nodes/],
    [
      'with a condition that is none',
      { edges: [{ from: 'input', to: 'language', when: { path: 'x' } as never }] },
      'edges[0].when',
      /condition/,
    ],
  ])('%s', async (_, change, place, message) => {
    const problems = await problemsOf(flow(change));
    expect(problems.map((problem) => problem.place)).toContain(place);
    expect(problems.find((problem) => problem.place === place)?.message).toMatch(message);
  });

  it('that is no flow at all, before it runs', async () => {
    for (const nothing of [null, 7, [], {}, 'ghost']) {
      const asked = new FlowService().run({ flow: nothing as never, input: 'x' }, tools(), signal, () => {});
      await expect(asked).rejects.toMatchObject({ code: 'flow-invalid' });
    }
  });

  it.each([
    ['nothing', '', 'task-input'],
    ['blanks', '  \n ', 'task-input'],
    ['no text', 42, 'task-input'],
    ['a binary file', '\u0000\u0001\u0002'.repeat(500), 'task-input'],
  ])('an input that is %s', async (_, input, code) => {
    await expect(run(flow(), input)).rejects.toMatchObject({ code });
  });
});

it('the table of operations says what they take and give', () => {
  const table = Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, { arguments: takes, result }]) => [
      name,
      {
        takes: Object.fromEntries(
          Object.entries(takes).map(([key, { type, isOptional }]) => [key, isOptional === true ? `${type}?` : type]),
        ),
        gives: Object.keys(result),
        with: FLOW_OPERATIONS[name as FlowOperationName].with,
      },
    ]),
  );
  expect(FLOW_OPERATIONS).toEqual(table);
});

it('a result that its flow wants a person to see is marked', async () => {
  const queued = flow({ queue: { path: 'text', equals: 'English: Can you help me with this?' } });
  expect(await run(queued, 'Can you help me with this?')).toMatchObject({ isEscalated: true });
  expect(await run(queued, 'Thank you, all is well here.')).toMatchObject({ isEscalated: false });
});

describe('the flows of the product', () => {
  it.each(systemIds())('%s is right, and speaks of its own id', async (id) => {
    expect(await new FlowService().validate(id)).toEqual([]);
    expect(JSON.parse(readFileSync(`flows/${id}/flow.json`, 'utf8')).id).toBe(id);
  });

  it.each(['redact', 'invoice'])('%s runs on its sample without any model', async (id) => {
    const sample = JSON.parse(readFileSync(`flows/${id}/sample.json`, 'utf8'));
    const { output } = await new FlowService().run({ flow: id, input: sample }, tools(), signal, () => {});
    if (id === 'redact') expect((output as { text: string }).text).not.toMatch(/4111|becker|Tom|1234567/);
    else
      expect(output).toMatchObject({
        status: 'complete',
        invoice: { invoiceNumber: 'NM-2024-0317', total: 2432.36, iban: 'DE89370400440532013000' },
      });
  });
});
