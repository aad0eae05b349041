import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../protocol/index.ts';
import { openExpert } from './artefact.ts';
import { evaluate, predict } from './predict.ts';
import { signExpert, verifyExpert } from './signature.ts';
import { wordEmbedder } from './testing/word-embedder.ts';
import { trainExpert } from './train.ts';

const embedder = wordEmbedder();
const { signal } = new AbortController();
const silent = () => {};

const FRUIT = ['apple', 'pear', 'plum', 'cherry', 'mango'];
const TOOLS = ['hammer', 'drill', 'saw', 'wrench', 'chisel'];
const rows: LabelledRow[] = [0, 1, 2, 3, 4, 5].flatMap((round) => [
  ...FRUIT.map((word) => ({ text: `a ${word} from tree ${round} tastes sweet`, label: 'fruit' })),
  ...TOOLS.map((word) => ({ text: `the ${word} number ${round} builds houses`, label: 'tool' })),
]);

describe('an expert', () => {
  it('learns from rows, says how sure it is, and names what it does not know', async () => {
    const { expert, mistakes } = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    expect(expert.labels).toEqual(['fruit', 'tool']);
    expect(expert.metrics.accuracy).toBeGreaterThan(0.95);
    expect(mistakes.length).toBe(rows.length - Math.round(expert.metrics.accuracy * rows.length));
    expect(expert.metrics.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    const [fruit, strange] = await predict(
      openExpert(expert),
      ['a ripe mango tastes sweet', 'xylophone quartz'],
      embedder,
      signal,
    );
    expect(fruit?.label).toBe('fruit');
    expect(fruit?.scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1);
    expect(strange?.familiarity).toBeLessThan(fruit?.familiarity ?? 0);
  });

  it('is the same, bit for bit, for the same rows in any order of training runs', async () => {
    const first = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    const second = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    expect(second.expert).toEqual(first.expert);
    const shuffled = await trainExpert({ id: 'things', rows: [...rows].reverse() }, embedder, signal, silent);
    expect(shuffled.expert.dataHash).toBe(first.expert.dataHash);
    const next = await trainExpert({ id: 'things', rows, previous: first.expert }, embedder, signal, silent);
    expect(next.expert.version).toBe(2);
  });

  it('gives rare classes the weight of frequent ones', async () => {
    const skewed = [
      ...rows.filter(({ label }) => label === 'fruit'),
      ...rows.filter(({ label }) => label === 'tool').slice(0, 4),
    ];
    const { expert } = await trainExpert({ id: 'skewed', rows: skewed }, embedder, signal, silent);
    expect(expert.metrics.classes.find(({ label }) => label === 'tool')?.recall).toBeGreaterThanOrEqual(0.75);
  });

  it('offers the texts it is least sure of for labelling', async () => {
    const unlabelled = [
      'a mango tastes sweet',
      'the hammer builds houses',
      'a sweet hammer from the tree builds mango houses',
    ];
    const { uncertain } = await trainExpert({ id: 'things', rows, unlabelled }, embedder, signal, silent);
    expect(uncertain[0]?.text).toBe(unlabelled[2]);
  });

  it('counts what it calls unknown as wrong when it is evaluated', async () => {
    const { expert } = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    const strict = { ...expert, unfamiliarBelow: 1.1 };
    const result = await evaluate(openExpert(strict), rows.slice(0, 4), embedder, signal);
    expect(result).toMatchObject({ rows: 4, accuracy: 0, unknown: 4 });
  });

  it.each([
    ['too few rows', rows.slice(0, 4), /too few/],
    ['one label', rows.filter(({ label }) => label === 'fruit'), /same label/],
    ['a label with one row', [...rows, { text: 'x y', label: 'odd' }], /one row only/],
    ['an empty text', [...rows, { text: ' ', label: 'fruit' }], /Row 61/],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(trainExpert({ id: 'x', rows: wrong }, embedder, signal, silent)).rejects.toMatchObject({
      code: 'expert-invalid',
      message: expect.stringMatching(message),
    });
  });

  it('refuses vectors of another model than it learned from, and artefacts that were tampered with', async () => {
    const { expert } = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    const other = { ...embedder, hash: 'b'.repeat(64) };
    await expect(predict(openExpert(expert), ['a'], other, signal)).rejects.toMatchObject({ code: 'expert-invalid' });
    expect(() => openExpert({ ...expert, weights: expert.weights.slice(4) })).toThrow(/bytes/);
    expect(() => openExpert({ ...expert, expertVersion: 2 })).toThrow(/version 2/);
    expect(() => openExpert({ ...expert, labels: ['fruit', 'fruit'] })).toThrow(/labels/);
  });

  it('is signed, and no longer verified once it was changed', async () => {
    const { expert } = await trainExpert({ id: 'things', rows }, embedder, signal, silent);
    const keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    const signed = await signExpert(expert, keys);
    const key = signed.signature?.publicKey ?? '';
    await expect(verifyExpert(signed, [key])).resolves.toBeUndefined();
    await expect(verifyExpert({ ...signed, temperature: 9 }, [key])).rejects.toThrow(/changed/);
    await expect(verifyExpert(signed, [])).rejects.toThrow(/not trusted/);
  });
});

describe('the experts of the product', () => {
  const names = readdirSync('flows/experts')
    .filter((file) => file.endsWith('.tsv'))
    .map((file) => file.slice(0, -4));
  const textsOf = (name: string) =>
    readFileSync(`flows/experts/${name}.tsv`, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((row) => row.slice(row.indexOf('\t') + 1));

  it.each(names)('%s opens, and was trained on the embedding model that is shipped', (name) => {
    const { artefact } = openExpert(JSON.parse(readFileSync(`flows/experts/${name}.json`, 'utf8')));
    const manifest = JSON.parse(readFileSync('models/all-minilm-l6-v2/manifest.json', 'utf8'));
    expect(artefact.embedding.hash).toBe(manifest.file.sha256);
  });

  it('learned no text that they are tested on', () => {
    const learned = new Set(names.flatMap(textsOf));
    for (const flow of readdirSync('flows', { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !['experts', 'tasks'].includes(entry.name),
    )) {
      for (const [set, least] of [
        ['test', 40],
        ['held-out', 40],
        ['unseen', 7],
        ['fresh', 4],
      ] as const) {
        const cases = readFileSync(`flows/${flow.name}/${set}.jsonl`, 'utf8').split('\n').filter(Boolean);
        expect(cases.length, `${flow.name}, ${set}`).toBeGreaterThanOrEqual(least);
        for (const one of cases) expect(learned.has(JSON.parse(one).text), one.slice(0, 200)).toBe(false);
      }
    }
  });
});
