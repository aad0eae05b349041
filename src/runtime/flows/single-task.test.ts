import { describe, expect, it, vi } from 'vitest';
import type { TextGenerationRequest, TextGenerationResult } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { wordEmbedder } from '../experts/testing/word-embedder.ts';
import { FlowService } from './flow-service.ts';

const { signal } = new AbortController();
const service = new FlowService();
type Write = (request: TextGenerationRequest) => string;

const unavailable = () => {
  throw new SottoError('task-unavailable', 'No language model is loaded; smollm2-1.7b-instruct would do.');
};

function run(task: string, given: object, settings: object, write: Write = unavailable, pipeline?: unknown) {
  const generate = async (request: TextGenerationRequest): Promise<TextGenerationResult> => ({
    text: write(request),
    tokens: 5,
    model: 'scripted',
  });
  const tools = {
    embedder: async () => wordEmbedder(),
    generate,
    ...(pipeline === undefined ? {} : { pipeline: () => pipeline as never }),
  };
  const options = { experts: [], seed: 1, signal };
  return service.runTask(task, { ...given }, { ...settings }, tools, options);
}

const LONG = Array.from(
  { length: 240 },
  (_, index) => `Section ${index} says that pump ${index} was renewed in the year ${1800 + index} by its owner.`,
).join(' ');

describe('summaries', () => {
  it('are chosen sentences where no model is good enough, and say so', async () => {
    const text =
      'The mill was built in 1820. It ground corn for three villages. Today it is a museum with forty rooms.';
    const short = await run('task.summarise', { text }, { by: 'auto', sentences: 2 });
    expect(short).toMatchObject({ model: 'words', parts: 1 });
    expect(short['bullets']).toHaveLength(2);
    const listed = await run('task.summarise', { text }, { style: 'bullets', sentences: 2 });
    expect(
      String(listed['text'])
        .split('\n')
        .every((line) => line.startsWith('- ')),
    ).toBe(true);
    await expect(run('task.summarise', { text }, { by: 'model' })).rejects.toMatchObject({ code: 'task-unavailable' });
  });

  it('of a long text are written part by part and then together', async () => {
    const asked: TextGenerationRequest[] = [];
    const result = await run('task.summarise', { text: LONG }, { by: 'model', style: 'bullets' }, (request) => {
      asked.push(request);
      return request.prompt.includes('List the')
        ? '- Pumps were renewed.\n2. Owners paid.\n- Pumps were renewed.'
        : 'Pumps.';
    });
    expect(result).toMatchObject({ model: 'scripted', bullets: ['Pumps were renewed.', 'Owners paid.'] });
    expect(result['unsupported']).toContain('Owners paid.');
    expect(Number(result['parts'])).toBeGreaterThan(3);
    expect(asked).toHaveLength(Number(result['parts']) + 1);
    expect(asked.every(({ leastParameters, prompt }) => leastParameters === 300e6 && prompt.length < 6_000)).toBe(true);
  });

  it('end even where the model makes nothing shorter', async () => {
    const write = vi.fn((request: TextGenerationRequest) => request.prompt.slice(-4_900));
    await run('task.summarise', { text: LONG }, { by: 'model' }, write);
    expect(write.mock.calls.length).toBeLessThan(20);
  });
});

describe('a record by JSON Schema', () => {
  const text = 'Order 4711 of 3 chairs, 1.250,50 EUR, for Ada  Keller. Urgency: none given.';
  const schema = {
    type: 'object',
    properties: {
      order: { type: 'string' },
      total: { type: 'number' },
      customer: { type: 'string' },
      city: { type: 'string' },
      mood: { enum: ['calm', 'angry'] },
      parts: { type: 'array', items: { type: 'string' } },
    },
    required: ['order', 'city'],
  };

  it('keeps what stands in the text, with its place, and takes out what the model made up', async () => {
    const written = {
      order: '4711',
      total: 1250.5,
      customer: 'ada keller',
      city: 'Paris',
      mood: 'calm',
      parts: ['chairs', 'sofas'],
    };
    const result = await run('task.extract', { text }, { schema }, () => JSON.stringify(written));
    expect(result['record']).toEqual({ ...written, city: null, parts: ['chairs'] });
    expect(result['missing']).toEqual(['city']);
    expect(result['unsupported']).toEqual([
      { path: 'city', value: 'Paris' },
      { path: 'parts.1', value: 'sofas' },
    ]);
    const evidence = result['evidence'] as Record<string, { start: number; end: number; text: string }>;
    for (const { start, end, text: found } of Object.values(evidence)) expect(text.slice(start, end)).toBe(found);
    expect(evidence['customer']?.text).toBe('Ada  Keller');
    expect(evidence['total']?.text).toBe('1.250,50');
  });

  it('is refused where the model writes no whole JSON, or none is there', async () => {
    await expect(run('task.extract', { text }, { schema }, () => '{"order": "47')).rejects.toMatchObject({
      code: 'flow-failed',
    });
    await expect(run('task.extract', { text }, { schema })).rejects.toMatchObject({ code: 'task-unavailable' });
  });
});

describe('a written answer', () => {
  const passages = [
    {
      text: 'The harbour museum opens at ten. It shows forty ships.',
      document: 'a',
      title: 'Museum',
      score: 1,
      start: 0,
      end: 54,
    },
    { text: 'The ferry to the island leaves every hour.', document: 'b', title: 'Ferry', score: 1, start: 0, end: 42 },
  ];
  const question = 'What does the museum show?';

  it('cites the passage of each sentence and leaves out what no passage says', async () => {
    const write = () => 'The harbour museum opens at ten [2]. The museum was founded by pirates in 1402 [1].';
    const result = await run('task.answer', { question, passages }, { by: 'model' }, write);
    expect(result['text']).toBe('The harbour museum opens at ten.');
    expect(result['citations']).toMatchObject([{ document: 'a', quote: 'The harbour museum opens at ten.' }]);
    expect(result['unsupported']).toMatchObject([{ text: 'The museum was founded by pirates in 1402.' }]);
  });

  it('is empty where the model says that the sources do not answer', async () => {
    const result = await run('task.answer', { question, passages }, { by: 'model' }, () => 'Not in the sources.');
    expect(result).toMatchObject({ text: '', citations: [], score: 0 });
  });
});

describe('translation and other wordings', () => {
  it('go through a translation model that is loaded', async () => {
    const pipeline = {
      model: 'tiny-marian',
      run: async ([part]: readonly unknown[]) => [
        { translation_text: `Das ist ${String(part).length} Zeichen lang und steht hier.` },
      ],
    };
    const result = await run('task.translate', { text: 'This is a sentence.' }, { to: 'de' }, unavailable, pipeline);
    expect(result).toMatchObject({ model: 'tiny-marian', from: 'en', to: 'de', isRight: true });
  });

  it('go through a chat model that is good enough, part by part, and tell an answer in the wrong language', async () => {
    const text = 'This is a sentence about the weather of tomorrow. '.repeat(40);
    const echo = await run('task.translate', { text }, { to: 'de' }, ({ prompt }) => prompt);
    expect(echo).toMatchObject({ model: 'scripted', isRight: false });
    expect(Number(echo['parts'])).toBeGreaterThan(1);
  });

  it('answer that none good enough is installed, naming what would do', async () => {
    for (const [task, settings] of [
      ['task.translate', { to: 'de' }],
      ['task.rewrite', { how: 'shorter' }],
    ] as const) {
      const failing = run(task, { text: 'Hello there.' }, settings);
      await expect(failing).rejects.toMatchObject({
        code: 'task-unavailable',
        message: expect.stringContaining('1.7b'),
      });
    }
    await expect(run('task.translate', { text: 'Hello.' }, {})).rejects.toMatchObject({ code: 'task-input' });
  });

  it('say which figures a new wording lost or added', async () => {
    const result = await run(
      'task.rewrite',
      { text: 'Pay 20 euros by 3 May.' },
      { how: 'shorter' },
      () => 'Pay 25 euros by 3 May.',
    );
    expect(result).toMatchObject({ text: 'Pay 25 euros by 3 May.', lost: ['20'], added: ['25'] });
  });

  it('continue a text as it stands, each suggestion once', async () => {
    const asked: TextGenerationRequest[] = [];
    const result = await run('task.autocomplete', { text: 'The sun' }, { count: 3 }, (request) => {
      asked.push(request);
      return request.temperature === 0 ? ' rises.' : ' sets.';
    });
    expect(result).toMatchObject({ text: ' rises.', suggestions: [' rises.', ' sets.'] });
    expect(asked.every(({ continues }) => continues)).toBe(true);
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(3);
  });
});

it('moderation finds threats, insults, deceit and personal data with their places, and lets ordinary words pass', async () => {
  const text = 'You are a complete idiot, I will find you. Mail anna@keller.example or send gift cards.';
  const { kinds, findings, isFine } = (await run('task.moderate', { text }, {})) as never as {
    kinds: string[];
    isFine: boolean;
    findings: { text: string; start: number; end: number }[];
  };
  expect(new Set(kinds)).toEqual(new Set(['insult', 'threat', 'personal-data', 'deceit']));
  for (const { text: found, start, end } of findings) expect(text.slice(start, end)).toBe(found);
  expect(isFine).toBe(false);
  expect(await run('task.moderate', { text: 'The kill switch of the pump works, thank you.' }, {})).toMatchObject({
    isFine: true,
  });
});

it('a verdict can be explained by the words it rests on', async () => {
  const { trainExpert } = await import('../experts/train.ts');
  const rows = [
    ...['the parcel is late', 'where is my parcel', 'parcel never came', 'my parcel is lost', 'parcel missing'].map(
      (text) => ({ text, label: 'parcel' }),
    ),
    ...['the lamp is broken', 'lamp does not light', 'my lamp flickers', 'lamp is dark', 'broken lamp'].map((text) => ({
      text,
      label: 'lamp',
    })),
  ];
  const { expert } = await trainExpert({ id: 'things', rows }, wordEmbedder(), signal, () => {});
  const tools = { embedder: async () => wordEmbedder(), generate: unavailable };
  const text = 'hello there, my parcel please';
  const result = await service.runTask('expert.classify', { text }, { expert: 'things', explain: true }, tools, {
    experts: [expert],
    seed: 1,
    signal,
  });
  const [first] = result['evidence'] as { text: string; start: number }[];
  expect(first?.text).toBe('parcel');
  expect(text.slice(first?.start ?? 0).startsWith('parcel')).toBe(true);
});

describe('many inputs', () => {
  const tools = { embedder: async () => wordEmbedder(), generate: unavailable };
  const inputs = Array.from({ length: 3_000 }, (_, index) => ({
    text: index % 1_000 === 7 ? '' : `Message ${index}: the parcel to Lyon is late again.`,
  }));
  const options = { experts: [], seed: 1 };

  it('are done in order, three thousand of them, with progress; what fails is told by its place', async () => {
    const told: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const batch = await service.runMany('task.entities', inputs, {}, tools, {
      ...options,
      signal,
      onProgress: (done) => told.push(done),
    });
    clearInterval(timer);
    expect(batch.results).toHaveLength(3_000);
    expect(batch.failures.map(({ index }) => index)).toEqual([7, 1007, 2007]);
    expect(batch.results[7]).toBeNull();
    expect(batch.models).toEqual(['rules']);
    expect(told.at(-1)).toBe(3_000);
    // The thread was free in between.
    expect(turns).toBeGreaterThan(50);
  });

  it('stop in the middle', async () => {
    const stopped = new AbortController();
    const running = service.runMany('task.language', inputs, {}, tools, {
      ...options,
      signal: stopped.signal,
      onProgress: (done) => done > 300 && stopped.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('have their sentence vectors computed together', async () => {
    const embedder = wordEmbedder();
    const embed = vi.spyOn(embedder, 'embed');
    const given = inputs.slice(10, 74);
    await service.runMany(
      'task.zero-shot',
      given,
      { labels: ['parcel', 'bill'] },
      { ...tools, embedder: async () => embedder },
      {
        ...options,
        signal,
        onProgress: () => {},
      },
    );
    expect(Math.max(...embed.mock.calls.map(([texts]) => texts.length))).toBe(32);
  });
});
