import { describe, expect, it } from 'vitest';
import { checkOptions } from './options.ts';
import { Sotto } from './sotto.ts';

/** A real client: whatever is not refused would start a thread, which there is none of here. */
const sotto = await Sotto.create({ servesLocalApi: false });
const messages = [{ role: 'user', content: 'Hi' }] as const;
const file = new File(['x'], 'x.gguf');
const expert = { id: 'e' } as never;
const conversation = sotto.sessions.create({ model: 'm' });
const run = () => 'x';
const tools = [{ type: 'function', function: { name: 'f', execute: run } }] as const;

type Call = (options: never) => unknown;
type Case = readonly [string, Call];

/** Every public method that takes options, or a request of its own names. */
const METHODS: readonly Case[] = [
  ['Sotto.create', (o) => Sotto.create(o)],
  ['chat.completions.create: request', (o: object) => sotto.chat.completions.create({ model: 'm', messages, ...o })],
  ['chat.completions.create', (o) => sotto.chat.completions.create({ model: 'm', messages }, o)],
  [
    'chat.completions.create, streamed',
    (o) => sotto.chat.completions.create({ model: 'm', messages, stream: true }, o),
  ],
  ['chat.completions.runTools: request', (o: object) => runTools(o)],
  ['chat.completions.runTools', (o) => sotto.chat.completions.runTools({ model: 'm', messages, tools }, o)],
  ['countTokens: request', (o: object) => sotto.chat.completions.countTokens({ model: 'm', messages, ...o })],
  ['countTokens', (o) => sotto.chat.completions.countTokens({ model: 'm', messages }, o)],
  ['completions.create: request', (o: object) => sotto.completions.create({ model: 'm', prompt: 'a', ...o })],
  ['completions.create', (o) => sotto.completions.create({ model: 'm', prompt: 'a' }, o)],
  ['embeddings.create: request', (o: object) => sotto.embeddings.create({ input: 'a', ...o })],
  ['embeddings.create', (o) => sotto.embeddings.create({ input: 'a' }, o)],
  ['embeddings.vectors', (o) => sotto.embeddings.vectors(['a'], o)],
  ['embeddings.wordVectors', (o) => sotto.embeddings.wordVectors([['a']], o)],
  ['embeddings.load', (o) => sotto.embeddings.load('m', o)],
  ['models.load', (o) => sotto.models.load('m', o)],
  ['models.load, a file', (o) => sotto.models.load(file, o)],
  ['models.load, files', (o) => sotto.models.load([file], o)],
  ['models.convert', (o) => sotto.models.convert([file], o)],
  ['models.download', (o) => sotto.models.download('m', o)],
  ['models.verify', (o) => sotto.models.verify('m', o)],
  ['models.repair', (o) => sotto.models.repair('m', o)],
  ['models.import', (o) => sotto.models.import(file, o)],
  ['models.plan', (o) => sotto.models.plan('m', o)],
  ['models.moveTo', (o) => sotto.models.moveTo('opfs', o)],
  ['sessions.create', async (o: object) => sotto.sessions.create({ model: 'm', ...o })],
  ['conversation.send', (o) => conversation.send('a', o)],
  ['sessions.save: request', (o: object) => sotto.sessions.save({ model: 'm', name: 'n', messages, ...o })],
  ['sessions.save', (o) => sotto.sessions.save({ model: 'm', name: 'n', messages }, o)],
  ['retrieval.search', (o: object) => sotto.retrieval.search({ query: 'a', ...o } as never)],
  ['onnx.load', (o) => sotto.onnx.load({ name: 'n', files: [] }, 'summarization', o)],
  ['onnx.run', (o) => sotto.onnx.run('m', 'summarization', [], o)],
  ['onnx.embed', (o) => sotto.onnx.embed('m', ['a'], o)],
  ['tasks.run', (o) => sotto.tasks.run('task.language', { text: 'a' }, {}, o)],
  ['tasks.many', (o) => sotto.tasks.many('task.language', ['a'], {}, o)],
  ['tasks.table', (o) => sotto.tasks.table('text\na', { task: 'task.language' }, o)],
  ['tasks.classify', (o) => sotto.tasks.classify('a', 'spam', o)],
  ['tasks.screen', (o) => sotto.tasks.screen('a', o)],
  ['tasks.language', (o) => sotto.tasks.language('a', o)],
  ['tasks.entities: settings', (o) => sotto.tasks.entities('a', o)],
  ['tasks.redact: settings', (o) => sotto.tasks.redact('a', o)],
  ['tasks.summarise: settings', (o) => sotto.tasks.summarise('a', o)],
  ['tasks.translate: settings', (o: object) => sotto.tasks.translate('a', { to: 'de', ...o })],
  ['tasks.rewrite: settings', (o: object) => sotto.tasks.rewrite('a', { how: 'shorter', ...o })],
  ['tasks.autocomplete: settings', (o) => sotto.tasks.autocomplete('a', o)],
  ['tasks.cluster: settings', (o) => sotto.tasks.cluster(['a'], o)],
  ['experts.train: request', (o: object) => sotto.experts.train({ id: 'e', rows: [], ...o })],
  ['experts.train: settings', (o) => sotto.experts.train({ id: 'e', rows: [], settings: o })],
  ['experts.trainEntities: request', (o: object) => sotto.experts.trainEntities({ id: 'e', rows: [], ...o })],
  ['experts.distill: request', (o: object) => sotto.experts.distill({ id: 'e', labels: [], texts: [], ...o })],
  ['experts.keep: change', (o) => sotto.experts.keep(expert, o)],
  ['experts.predict', (o) => sotto.experts.predict('e', ['a'], o)],
  ['experts.import', (o) => sotto.experts.import(new Blob(['{}']), o)],
  ['flows.run', (o) => sotto.flows.run('support', 'a', o)],
  ['flows.validate', (o) => sotto.flows.validate('support', o)],
  ['flows.compare', (o) => sotto.flows.compare(['support'], [], o)],
  ['flows.list', (o) => sotto.flows.list(o)],
  ['flows.resume: change', (o) => sotto.flows.resume('support', 'a', { seed: 1 } as never, o)],
];

async function runTools(more: object) {
  return sotto.chat.completions.runTools({ model: 'm', messages, tools, ...more }, { approve: 'always' });
}

const refused = (code: string, option: string) => expect.objectContaining({ code, details: { option } });

describe('no option is ignored in silence', () => {
  it.each(METHODS)('%s refuses one that there is not, by its name', async (_name, call) => {
    const made = (async () => call({ unheardOf: 1 } as never))();
    await expect(made).rejects.toEqual(refused('unsupported-option', 'unheardOf'));
  });

  it.each(METHODS.filter(([name]) => !/: |Sotto|sessions.create|search|plan/.test(name)))(
    '%s refuses a signal that is none',
    async (_name, call) => {
      await expect((async () => call({ signal: 'stop' } as never))()).rejects.toEqual(
        refused('invalid-option', 'signal'),
      );
    },
  );

  /** Fields of a request with a value that no range and no list holds. */
  it.each([
    ...[
      'temperature',
      'top_p',
      'min_p',
      'typical_p',
      'repetition_penalty',
      'frequency_penalty',
      'presence_penalty',
    ].flatMap((name) => [Number.NaN, 1e9, '1', {}].map((value) => [name, value] as const)),
    ...['top_k', 'seed', 'n', 'max_tokens'].flatMap((name) =>
      [-1, 1.5, '1', []].map((value) => [name, value] as const),
    ),
    ...['stream', 'stream_options', 'logprobs', 'stop', 'logit_bias', 'speculation', 'priority'].map(
      (name) => [name, 'unheard of'.repeat(name === 'stop' ? 0 : 1)] as const,
    ),
    ...[
      'context_policy',
      'reasoning_format',
      'reasoning_effort',
      'reasoning',
      'response_format',
      'tools',
      'tool_choice',
    ].map((name) => [name, 'unheard of'] as const),
    ['documents', false],
    ['documents', 'a text'],
    ['chat_template_kwargs', 0],
    ['parallel_tool_calls', 1],
    ['top_logprobs', 3],
    ['max_completion_tokens', 0],
    ['store', true],
    ['modalities', ['audio']],
  ] as const)('a chat request with %s: %j', async (name, value) => {
    const { clientThatWrites } = await import('./testing/client-that-writes.ts');
    const { chat } = clientThatWrites('Hello.');
    const request = { model: 'm', messages, [name]: value } as never;
    await expect(chat.create(request)).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid|unsupported)-option$/),
    });
  });

  it.each([
    [{ role: 'user', content: 'a', audio: { id: 'x' } }],
    [{ role: 'assistant', content: 'a', function_call: { name: 'f', arguments: '{}' } }],
    [{ role: 'user', content: 'a', name: 7 }],
    [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: {} }] }],
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }],
  ])('a message %j', async (message) => {
    const request = { model: 'm', messages: [message] } as never;
    await expect(sotto.chat.completions.create(request)).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid|unsupported)-option$/),
    });
  });

  it.each([null, undefined, 'text', 7])('a request that is %j', async (request) => {
    const wrong = request as never;
    for (const answer of [
      sotto.chat.completions.create(wrong),
      sotto.completions.create(wrong),
      sotto.embeddings.create(wrong),
    ])
      await expect(answer).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('refuses models and sessions by names that can be none', async () => {
    const { models, sessions } = sotto;
    for (const call of [
      () => models.download(undefined as never),
      () => models.pause(undefined as never),
      () => models.verify(undefined as never),
      () => models.repair(undefined as never),
      () => models.export(undefined as never),
      () => models.changes(undefined as never),
      () => models.plan(undefined as never),
      () => models.forget(undefined as never),
      () => sessions.delete(undefined as never),
      async () => sessions.create(undefined as never),
      async () => sessions.create({ model: 'm', messages: 'Hi' as never }),
      async () => conversation.fork(-1),
      () => sotto.chat.completions.runTools(undefined as never),
      () => sotto.chat.completions.runTools({ model: 'm', messages, tools: [{}] } as never),
      () => sotto.chat.completions.runTools({ model: 'm', tools } as never),
    ])
      await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/^(invalid-option|empty-prompt)$/) });
  });

  it('refuses documents, files and searches that could not be found in, by name', async () => {
    const { retrieval } = sotto;
    const document = { id: 'd', name: 'd', chunks: [{ text: 'a', headings: [] }], vectors: null };
    const vectors = (values: unknown, dimensions: number) => [{ ...document, vectors: { values, dimensions } }];
    const asked = { query: 'a', vector: null, documentIds: ['d'], limit: 1 };
    for (const call of [
      () => retrieval.put(undefined as never),
      () => retrieval.put([{}] as never),
      () => retrieval.put([{ ...document, vectors: undefined }] as never),
      () => retrieval.put([{ ...document, chunks: [{ text: 5 }] }] as never),
      () => retrieval.put(vectors([1, 2], 2) as never),
      () => retrieval.put(vectors(new Float32Array(3), 2) as never),
      () => retrieval.put(vectors(new Float32Array(0), 0) as never),
      () => retrieval.remove(undefined as never),
      () => retrieval.read(undefined as never),
      () => retrieval.text('manual.pdf' as never),
      () => retrieval.search({ ...asked, vector: undefined } as never),
      () => retrieval.search({ ...asked, vector: [1, 2] } as never),
      () => retrieval.search({ ...asked, limit: undefined } as never),
      () => retrieval.search({} as never),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('refuses inputs of tasks, experts and flows that can be none, by a code', async () => {
    const { tasks, experts, flows } = sotto;
    for (const call of [
      () => tasks.many('task.language', undefined as never),
      () => tasks.table(undefined as never, { task: 'task.language' }),
      () => tasks.table('text\na', undefined as never),
      () => experts.predict('sentiment', 'a' as never),
      () => experts.find('ships', [5] as never),
      () => flows.resume('support', 'a', undefined as never, { from: 'answer' }),
      () => flows.resume('support', 'a', {} as never, {}),
    ])
      await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/^(invalid-option|task-input)$/) });
  });

  it('says what an option must be', () => {
    const table = { threads: 'count', backend: ['cpu', 'webgpu'] } as const;
    const check = (options: object | null) => checkOptions(options as never, table as never);
    expect(() => check({ threads: 1, backend: null })).not.toThrow();
    expect(() => check({ threads: -1 })).toThrow('"threads" must be a whole number from 0.');
    expect(() => check({ backend: 'gpu' })).toThrow('"backend" must be cpu or webgpu.');
    expect(() => check(null)).toThrow('must be an object');
  });
});
