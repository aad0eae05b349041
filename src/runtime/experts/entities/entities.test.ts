import { openAsBlob } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelledText } from '../../../protocol/index.ts';
import { BlobByteSource } from '../../../shared/index.ts';
import { createCpuEncoder } from '../../backends/cpu/encoder/create-cpu-encoder.ts';
import { compileFromDisk } from '../../backends/cpu/testing/node-model.ts';
import { EncoderModel } from '../../embedding/encoder-model.ts';
import { openExpert } from '../artefact.ts';
import type { Embedder } from '../embedder.ts';
import { predict } from '../predict.ts';
import { wordEmbedder } from '../testing/word-embedder.ts';
import { evaluateNames, findNames, trainEntities } from './index.ts';

const { signal } = new AbortController();
const silent = () => {};

/** Marks of the form "[part:Brass valve] leaks" as places. */
function marked(text: string): LabelledText {
  const entities: { start: number; end: number; label: string }[] = [];
  let plain = '';
  let at = 0;
  for (const match of text.matchAll(/\[(\w+):([^\]]+)\]/g)) {
    plain += text.slice(at, match.index);
    const [, label = '', name = ''] = match;
    entities.push({ start: plain.length, end: plain.length + name.length, label });
    plain += name;
    at = match.index + match[0].length;
  }
  return { text: plain + text.slice(at), entities };
}

const ROWS = [
  'The [part:fuel pump] of [ship:Aurora] was replaced in March.',
  'Please check the [part:oil filter] on [ship:Nordstern] today.',
  'On [ship:Sea Breeze] the [part:bilge pump] runs without a pause.',
  'We ordered a new [part:drive shaft] for [ship:Aurora].',
  '[ship:Polaris] lost its [part:anchor chain] near the island.',
  'The [part:cooling hose] leaks again, wrote the captain of [ship:Polaris].',
  'Nothing to report from [ship:Nordstern] this week.',
  'A [part:fuel filter] and two [part:gaskets] were sent to the harbour.',
  'The crew of [ship:Sea Breeze] asks for a [part:bilge valve].',
  'Our [part:steering pump] is noisy, says [ship:Meridian].',
  'In the morning [ship:Meridian] changed the [part:oil pump].',
  'The weather was fine and everybody slept well.',
].map(marked);
const UNSEEN = [
  'The [part:water pump] on [ship:Aurora] was checked today.',
  'Please send an [part:air filter] to [ship:Polaris].',
  'The crew slept well this week.',
].map(marked);

describe('an expert for names', () => {
  it('finds them in new texts, with places, and its figures are those of whole names', async () => {
    const embedder = wordEmbedder();
    const { expert } = await trainEntities({ id: 'log', rows: ROWS }, embedder, signal, silent);
    expect(expert).toMatchObject({ task: 'entities', version: 1, labels: ['O', 'part', 'ship'] });
    expect(expert.metrics.classes.map(({ label, rows }) => [label, rows])).toEqual([
      ['part', 11],
      ['ship', 10],
    ]);
    const { text } = UNSEEN[0] as LabelledText;
    const [found = []] = await findNames(openExpert(JSON.parse(JSON.stringify(expert))), [text], embedder, signal);
    expect(found.map((name) => [name.label, name.text])).toContainEqual(['ship', 'Aurora']);
    for (const name of found) expect(text.slice(name.start, name.end)).toBe(name.text);
    const again = await trainEntities({ id: 'log', rows: ROWS }, embedder, signal, silent);
    expect(again.expert).toEqual(expert);
  });

  it.each([
    ['too few texts', ROWS.slice(0, 5), /too few/],
    ['no marks', ROWS.map(({ text }) => ({ text, entities: [] })), /marks a name/],
    ['a place outside', [...ROWS, { text: 'short', entities: [{ start: 3, end: 99, label: 'x' }] }], /Row 13/],
    ['a label seen once', [...ROWS, marked('The [odd:thing] is here.')], /one row only/],
  ])('refuses %s', async (_, rows, message) => {
    await expect(trainEntities({ id: 'x', rows }, wordEmbedder(), signal, silent)).rejects.toMatchObject({
      code: 'expert-invalid',
      message: expect.stringMatching(message),
    });
  });

  it('is asked for names, and other experts for labels', async () => {
    const { expert } = await trainEntities({ id: 'log', rows: ROWS }, wordEmbedder(), signal, silent);
    await expect(predict(openExpert(expert), ['x'], wordEmbedder(), signal)).rejects.toThrow(/finds names/);
    const other = { ...expert, task: undefined };
    await expect(findNames(openExpert(other), ['x'], wordEmbedder(), signal)).rejects.toThrow(/finds no names/);
  });
});

describe('with the encoder that is shipped', () => {
  let model: EncoderModel;
  beforeAll(async () => {
    const source = new BlobByteSource(await openAsBlob('models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf'));
    model = await EncoderModel.load(
      source,
      { threads: 1 },
      (request) => createCpuEncoder({ ...request, threads: 1, compile: compileFromDisk }),
      { fallbackName: 'minilm', signal, onEvent: silent },
    );
  });
  afterAll(() => model.dispose());

  /** What the encoder thread does, without threads between. */
  function embedder(): Embedder {
    const { dimensions } = model.description;
    const cut = (all: Float32Array, index: number) => all.slice(index * dimensions, (index + 1) * dimensions);
    return {
      modelId: 'minilm',
      hash: 'c'.repeat(64),
      dimensions,
      embed: async (texts) => {
        const { vectors } = await model.embed({ texts, truncate: 'end' }, { signal });
        return texts.map((_, index) => cut(vectors, index));
      },
      embedWords: async (words) => {
        const { vectors } = await model.embed({ texts: [], truncate: 'none', words }, { signal });
        let at = 0;
        return words.map((own) => own.map(() => cut(vectors, at++)));
      },
    };
  }

  it('vectors of words depend on their text, and their mean is the vector of the whole', async () => {
    const own = embedder();
    const [river = [], money = []] = await own.embedWords(
      [
        ['river', 'bank'],
        ['savings', 'bank'],
      ],
      signal,
    );
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    expect(dot(river[1] as Float32Array, money[1] as Float32Array)).toBeLessThan(0.95);
    expect(dot(river[1] as Float32Array, river[1] as Float32Array)).toBeCloseTo(1);
    const [first] = await own.embedWords([['river', 'bank']], signal);
    expect(first).toEqual(river);
  });

  it('finds parts and ships that it has never seen', async () => {
    const { expert } = await trainEntities({ id: 'log', rows: ROWS }, embedder(), signal, silent);
    const result = await evaluateNames(openExpert(expert), UNSEEN, embedder(), signal);
    expect(result.macroF1).toBeGreaterThanOrEqual(0.75);
  });
});
