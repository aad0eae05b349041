import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecoderBackend } from '../decoder-backend.ts';
import { compareWithGolden } from './testing/logits-golden.ts';
import { openEmbeddedModel, readLogitsGolden } from './testing/node-model.ts';

interface GreedyCase {
  readonly prompt: string;
  readonly promptTokenIds: readonly number[];
  readonly tokenIds: readonly number[];
  readonly safeTokens: number;
}
const greedy = JSON.parse(readFileSync('scripts/goldens/greedy.json', 'utf8')) as GreedyCase[];

function argMax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

/** Greatest difference of two logit rows, as a share of the spread of the first: logits themselves have no scale. */
function distance(a: Float32Array, b: Float32Array): number {
  const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
  const spread = Math.sqrt(a.reduce((sum, value) => sum + (value - mean) ** 2, 0) / a.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / spread;
}

describe('the CPU engine on the embedded model (plain SIMD, one thread)', () => {
  let backend: DecoderBackend;
  const golden = readLogitsGolden();
  const text = golden.tokens;

  beforeAll(async () => {
    backend = await openEmbeddedModel();
  });
  afterAll(() => backend.dispose());

  // Measured: top-1 0.987, KL 0.0002 (see compareWithGolden), perplexity within 0.02 %.
  it('agrees with exact arithmetic over 2,400 positions', { timeout: 300_000 }, async () => {
    const agreement = await compareWithGolden(backend, golden);
    expect(agreement.top1).toBeGreaterThanOrEqual(0.98);
    expect(agreement.kl).toBeLessThanOrEqual(0.0005);
    expect(Math.abs(agreement.perplexity / golden.perplexity - 1)).toBeLessThan(0.002);
  });

  it.each(greedy)('continues $prompt as llama.cpp does', async ({ promptTokenIds, tokenIds, safeTokens }) => {
    backend.truncate(0);
    const produced: number[] = [];
    let logits = await backend.forward(promptTokenIds);
    while (produced.length < safeTokens) {
      const token = argMax(logits);
      produced.push(token);
      logits = await backend.forward([token]);
    }
    expect(produced).toEqual(tokenIds.slice(0, safeTokens));
  });

  it('gives the same logits token by token as in one prefill', async () => {
    const ids = text.slice(0, 140);
    backend.truncate(0);
    const together = (await backend.forward(ids)).slice();
    backend.truncate(0);
    let last = new Float32Array();
    for (const id of ids) last = (await backend.forward([id])) as Float32Array<ArrayBuffer>;
    expect(distance(together, last)).toBe(0);
  });

  it('gives for every guess of a batch the logits it gives token by token', async () => {
    const ids = text.slice(0, 160);
    backend.truncate(0);
    await backend.forward(ids.slice(0, 120), { logits: 'none' });
    for (const size of [2, 3, 4, 5, 8]) {
      backend.truncate(120);
      const rows = (await backend.forward(ids.slice(120, 120 + size), { logits: 'all' })).slice();
      backend.truncate(120);
      for (let index = 0; index < size; index++) {
        const single = await backend.forward([ids[120 + index]!]);
        const row = rows.subarray(index * backend.vocabularySize, (index + 1) * backend.vocabularySize);
        expect(distance(single, row), `guess ${index} of ${size}`).toBe(0);
      }
    }
  });

  it('goes on from copied pages as if it had read the text', async () => {
    const pages = backend.pages!;
    backend.truncate(0);
    const expected = (await backend.forward(text.slice(0, 150))).slice();
    backend.truncate(149);
    const copies = await pages.read(0, 3);
    expect(copies.map(({ byteLength }) => byteLength)).toEqual([pages.pageBytes, pages.pageBytes, pages.pageBytes]);
    backend.truncate(0);
    await backend.forward(text.slice(500, 700), { logits: 'none' });
    backend.truncate(0);
    await pages.write(0, copies, text.slice(0, 149));
    expect(distance(expected, await backend.forward([text[149]!]))).toBe(0);

    // A page in the middle of which the text goes another way.
    backend.truncate(0);
    await backend.forward([...text.slice(0, 70), ...text.slice(900, 950)], { logits: 'none' });
    await pages.write(1, copies.slice(1), text.slice(0, 149));
    expect(distance(expected, await backend.forward([text[149]!]))).toBe(0);
  });

  it('refuses pages that leave a gap or do not fit', async () => {
    const pages = backend.pages!;
    backend.truncate(0);
    await backend.forward(text.slice(0, 64), { logits: 'none' });
    const [page] = await pages.read(0, 1);
    for (const [from, list, position] of [
      [2, [page!], 140],
      [0, [page!], 65],
      [1, [page!], 10],
      [0, [page!.slice(1)], 64],
    ] as const) {
      await expect(pages.write(from, list, text.slice(0, position))).rejects.toMatchObject({ code: 'internal' });
    }
    expect(backend.position).toBe(64);
  });

  it('gives each of several texts in one pass the logits that it gives it alone', async () => {
    const lanes = backend.lanes!;
    expect(lanes.most).toBe(4);
    backend.truncate(0);
    const opened = Array.from({ length: lanes.most - 1 }, () => lanes.open()!);
    expect(lanes.open()).toBeUndefined();
    const all = [backend, ...opened];
    // Texts of different lengths, one of them over several segments of attention.
    const texts = [134, 7, 31, 64].map((length, index) => text.slice(300 * index, 300 * index + length));
    const steps = 4;
    const next = (index: number, step: number) => text[300 * index + texts[index]!.length + step]!;
    const alone: Float32Array[][] = [];
    for (const [index, own] of texts.entries()) {
      backend.truncate(0);
      await backend.forward(own, { logits: 'none' });
      alone[index] = [];
      for (let step = 0; step < steps; step++) {
        alone[index].push((await backend.forward([next(index, step)])).slice());
      }
    }
    backend.truncate(0);
    for (const [index, lane] of all.entries()) await lane.forward(texts[index]!, { logits: 'none' });
    for (let step = 0; step < steps; step++) {
      // Texts join and leave: each takes part until its own end.
      const taking = all.map((lane, index) => ({ lane, index })).filter(({ index }) => index >= step - 2);
      const rows = await lanes.step(taking.map(({ lane, index }) => ({ lane, token: next(index, step) })));
      for (const [row, { index }] of taking.entries()) {
        expect(distance(alone[index]![step]!, rows[row]!), `text ${index}, step ${step}`).toBe(0);
      }
    }
    expect(all.map(({ position }) => position)).toEqual([137, 11, 35, 68]);
    // Cut and read again while others stay, and copied from one to another.
    opened[0]!.truncate(7);
    const again = await lanes.step([{ lane: opened[0]!, token: next(1, 0) }]);
    expect(distance(alone[1]![0]!, again[0]!)).toBe(0);
    const pages = await backend.pages!.read(0, 3);
    opened[2]!.truncate(0);
    await opened[2]!.pages!.write(0, pages, texts[0]!);
    const copied = await lanes.step([{ lane: opened[2]!, token: next(0, 0) }]);
    expect(distance(alone[0]![0]!, copied[0]!)).toBe(0);
    await expect(
      lanes.step([
        { lane: backend, token: 1 },
        { lane: backend, token: 1 },
      ]),
    ).rejects.toMatchObject({
      code: 'internal',
    });
    await expect(lanes.step([{ lane: opened[0]!, token: -1 }])).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('gives after truncate what a fresh run gives', async () => {
    backend.truncate(0);
    await backend.forward(text.slice(0, 150), { logits: 'none' });
    backend.truncate(90);
    const again = (await backend.forward(text.slice(300, 345))).slice();
    expect(backend.position).toBe(135);
    backend.truncate(0);
    const fresh = await backend.forward([...text.slice(0, 90), ...text.slice(300, 345)]);
    expect(distance(fresh, again)).toBe(0);
  });
});
