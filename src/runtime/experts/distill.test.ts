import { describe, expect, it, vi } from 'vitest';
import type { LabelledRow, TaughtRow, TextGenerationRequest } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { createMemoryExpertTable, ExpertStore } from '../../storage/experts/index.ts';
import { distill } from './distill.ts';
import { keepExpert } from './keep-expert.ts';
import { wordEmbedder } from './testing/word-embedder.ts';
import { trainExpert } from './train.ts';

const { signal } = new AbortController();
const embedder = wordEmbedder();
const silent = () => {};

const FRUIT = ['apple', 'pear', 'plum', 'cherry', 'mango', 'grape'];
const TOOLS = ['hammer', 'drill', 'saw', 'wrench', 'chisel', 'pliers'];
const texts = [0, 1, 2].flatMap((round) => [
  ...FRUIT.map((word) => `a ${word} from tree ${round} tastes sweet`),
  ...TOOLS.map((word) => `the ${word} number ${round} builds houses`),
]);
const truth = (text: string) => (FRUIT.some((word) => text.includes(word)) ? 'fruit' : 'tool');
const checked: LabelledRow[] = [
  'one ripe mango, sweet',
  'a saw builds houses',
  'sweet cherry from a tree',
  'the drill',
].map((text) => ({ text, label: truth(text) }));

/** A model that labels as it is told, and is wrong about some texts. */
const teacher = (wrongAbout?: RegExp) =>
  vi.fn(async ({ prompt, choices }: TextGenerationRequest) => {
    const text = /Text: (.*)/.exec(prompt)?.[1] ?? '';
    const right = truth(text);
    const label = wrongAbout?.test(text) === true ? (choices ?? []).find((one) => one !== right) : right;
    return { text: label ?? '', tokens: 1, model: 'large', confidence: 0.8 };
  });

describe('distillation', () => {
  it('teaches an expert what a larger model says, and measures both on rows of a person', async () => {
    const generate = teacher(/plum from tree 2|ripe mango/);
    const told: number[] = [];
    const heard: TaughtRow[] = [];
    const request = { id: 'things', labels: ['fruit', 'tool'], texts, checked };
    const result = await distill(
      request,
      { embedder, generate },
      signal,
      (done, total) => told.push(done / total),
      (row, isChecked) => isChecked || heard.push(row),
    );
    // Each is told as it is written, so that a stop loses none.
    expect(heard).toEqual(result.labelled);
    expect(heard[0]?.confidence).toBe(0.8);
    expect(result.teacher).toBe('large');
    expect(result.labelled).toHaveLength(texts.length);
    expect(result.accuracy).toMatchObject({ before: null, teacher: 0.75 });
    expect(result.accuracy.after).toBeGreaterThanOrEqual(0.5);
    expect(result.agreement).toBeGreaterThan(0.7);
    expect(result.agreement).toBeLessThan(1);
    expect(generate.mock.calls.every(([asked]) => asked.choices?.length === 2 && asked.leastParameters === 300e6)).toBe(
      true,
    );
    expect(told.at(-1)).toBe(1);
  });

  it('shows what it adds to the rows of a person', async () => {
    const rows = texts
      .filter((text) => /(apple|pear|plum|hammer|drill|saw) /.test(text) && / (tree|number) 0/.test(text))
      .map((text) => ({ text, label: truth(text) }));
    const few = [...rows, { text: 'an apple pie', label: 'fruit' }, { text: 'my old hammer', label: 'tool' }];
    const result = await distill(
      { id: 'things', labels: ['fruit', 'tool'], texts, rows: few, checked },
      { embedder, generate: teacher() },
      signal,
      silent,
    );
    expect(result.accuracy.before).not.toBeNull();
    expect(result.accuracy.after).toBeGreaterThanOrEqual(result.accuracy.before ?? 1);
    expect(result.expert.rows).toBe(texts.length + 2);
  });

  it('is refused where no model is good enough, where one answers nonsense, and where labels make no sense; it stops when told', async () => {
    const request = { id: 'things', labels: ['fruit', 'tool'], texts };
    const none = async () => Promise.reject(new SottoError('task-unavailable', 'None is stored here.'));
    await expect(distill(request, { embedder, generate: none }, signal, silent)).rejects.toMatchObject({
      code: 'task-unavailable',
    });
    const nonsense = async () => ({ text: 'banana', tokens: 1, model: 'odd' });
    await expect(distill(request, { embedder, generate: nonsense }, signal, silent)).rejects.toMatchObject({
      code: 'flow-failed',
    });
    await expect(
      distill({ ...request, labels: ['fruit'] }, { embedder, generate: teacher() }, signal, silent),
    ).rejects.toMatchObject({ code: 'expert-invalid' });
    const stopped = new AbortController();
    const stopping = distill(request, { embedder, generate: teacher() }, stopped.signal, () => stopped.abort());
    await expect(stopping).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('kept versions', () => {
  const rows = texts.map((text) => ({ text, label: truth(text) }));
  const swapped = rows.map(({ text, label }) => ({ text, label: label === 'fruit' ? 'tool' : 'fruit' }));
  const make = async (learned: readonly LabelledRow[]) =>
    (await trainExpert({ id: 'things', rows: learned }, embedder, signal, silent)).expert;
  const give = async () => embedder;

  it('are counted on, answer until another is kept, and come back', async () => {
    const store = new ExpertStore(createMemoryExpertTable());
    const first = await keepExpert({ expert: await make(rows) }, store, give, signal);
    const second = await keepExpert({ expert: await make(rows.slice(2)) }, store, give, signal);
    expect([first.expert.version, second.expert.version]).toEqual([1, 2]);
    expect((await store.versions('things')).map(({ version, isCurrent }) => [version, isCurrent])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(await store.current('things')).toEqual(second.expert);
    expect(await store.use('things', 1)).toEqual(first.expert);
    expect(await store.current('things')).toEqual(first.expert);
    await expect(store.use('things', 9)).rejects.toMatchObject({ code: 'task-unavailable' });
    expect(await store.version('things', 2)).toEqual(second.expert);
    // With the one that answers gone, the newest of the others does.
    await store.forget('things', 1);
    expect(await store.current('things')).toEqual(second.expert);
    await expect(store.version('things', 1)).rejects.toMatchObject({ code: 'task-unavailable' });
    await store.forget('things', 2);
    expect(await store.versions()).toEqual([]);
    await keepExpert({ expert: await make(rows) }, store, give, signal);
    await store.forget('things');
    expect(await store.versions()).toEqual([]);
    expect(await store.current('things')).toBeUndefined();
  });

  it('must not get worse on the rows that are kept with them, unless that is allowed', async () => {
    const store = new ExpertStore(createMemoryExpertTable());
    const good = await keepExpert({ expert: await make(rows), regression: checked }, store, give, signal);
    expect(good.regressionRows).toBe(4);
    const bad = await make(swapped);
    await expect(keepExpert({ expert: bad }, store, give, signal)).rejects.toMatchObject({
      code: 'expert-worse',
      details: { rows: 4 },
    });
    expect(await store.current('things')).toEqual(good.expert);
    const allowed = await keepExpert({ expert: bad, allowWorse: true }, store, give, signal);
    expect(allowed.worse.length).toBeGreaterThan(0);
    const unknown = { text: 'a fish', label: 'animal' };
    await expect(keepExpert({ expert: bad, regression: [unknown] }, store, give, signal)).rejects.toMatchObject({
      code: 'expert-invalid',
    });
  });
});
