import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGguf } from '../../../formats/gguf/index.ts';
import { createTokenizer } from '../../text/index.ts';
import { openModelFile } from '../../text/testing/model-file.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk, openEmbeddedModel } from './testing/node-model.ts';
import { createNodeThread } from './testing/node-threads.ts';
import { makeTinyModel, type TinyChanges } from './testing/tiny-model.ts';

/** Ids of the `count` highest but for `besides`, likeliest first, of equals the lowest. */
function likeliest(logits: Float32Array, count: number, besides: readonly number[]): number[] {
  return Array.from(logits.keys())
    .filter((id) => !besides.includes(id))
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, count);
}

/**
 * Writes the likeliest tokens after a prompt, each step with all logits and with the likeliest only. Says of the others by how much they
 * are off at most, and what share of all was exact.
 */
async function compare(
  engine: DecoderBackend,
  prompt: readonly number[],
  tokens: number,
  highest: number,
  besides: readonly number[] = [],
) {
  engine.truncate(0);
  let [next, furthest, exact, listed] = [prompt, 0, 0, 0];
  for (let token = 0; token < tokens; token++) {
    const start = engine.position;
    const all = (await engine.forward(next)).slice();
    engine.truncate(start);
    const candidates: number[] = [];
    const some = await engine.forward(next, { exact: { highest, besides, candidates } });
    for (const id of besides) expect(some[id], `token ${id}`).toBe(all[id]);
    const ids = likeliest(all, highest, besides);
    expect(likeliest(some, highest, besides)).toEqual(ids);
    if (candidates.length > 0) {
      expect(candidates).toEqual([...new Set([...ids, ...besides, ...candidates])].sort((a, b) => a - b));
      expect(candidates.length).toBeLessThan(ids.length + besides.length + 20);
      listed += 1;
    }
    expect(ids.map((id) => some[id])).toEqual(ids.map((id) => all[id]));
    for (const [id, logit] of some.entries()) furthest = Math.max(furthest, Math.abs(logit - all[id]!));
    exact += some.filter((logit, id) => logit === all[id]).length / all.length / tokens;
    next = [ids[0]!];
  }
  return { furthest, exact, listed };
}

describe('the likeliest tokens of the embedded model', () => {
  /** What follows is now certain, now open. */
  const texts = [
    'The capital of France is',
    'def add(a, b):\n    return',
    '1, 2, 3, 4, 5, 6, 7,',
    '<|im_start|>user\nWrite a story about a fox.<|im_end|>\n<|im_start|>assistant\n',
  ];
  let engine: DecoderBackend;
  let prompts: readonly (readonly number[])[];

  beforeAll(async () => {
    await using file = await openModelFile();
    const tokenizer = createTokenizer(await readGguf(file));
    prompts = texts.map((text) => tokenizer.encode([{ kind: 'template', text }]));
    engine = await openEmbeddedModel({ contextLength: 128 });
  });
  afterAll(() => engine.dispose());

  it.each([
    [1, 0.02],
    [40, 0.25],
    [200, 1],
  ])('%d of them are exact, and few others have to be', { timeout: 120_000 }, async (highest, most) => {
    const results = [];
    for (const prompt of prompts) results.push(await compare(engine, prompt, 12, highest));
    expect(Math.max(...results.map(({ furthest }) => furthest))).toBeLessThan(6);
    expect(Math.min(...results.map(({ listed }) => listed))).toBeGreaterThan(0);
    expect(results.reduce((sum, { exact }) => sum + exact, 0) / results.length).toBeLessThan(most);
  });

  it('are exact without some that are looked at by themselves, and those too', async () => {
    const fresh = await openEmbeddedModel({ contextLength: 128 });
    const [prompt] = prompts;
    // The likeliest are among them: how many there are is what is left.
    const besides = [...likeliest(await fresh.forward(prompt!), 12, []), 48_000, 3];
    const { exact } = await compare(fresh, prompt!, 1, 40, besides);
    expect(exact).toBeLessThan(0.25);
    fresh.dispose();
  });

  it.each([1, 40, 200])('%d of them are named of each token of a pass with guesses', async (highest) => {
    const [prompt] = prompts;
    const guesses = [260, 33, 506, 2_744, 198, 33, 7_042];
    // What a penalty looks at grows with each guess that is right; rows of a tile were computed before that.
    const besidesOf = (row: number) => [48_000, 3, ...guesses.slice(0, row)];
    engine.truncate(0);
    await engine.forward(prompt!, { logits: 'none' });
    const start = engine.position;
    const rows = await engine.forwardRows!(guesses);
    const found = guesses.map((_, row) => {
      const candidates: number[] = [];
      const logits = rows.at(row, { highest, besides: besidesOf(row), candidates })!;
      return { logits: logits.slice(), candidates };
    });
    engine.truncate(start);
    for (const [row, { logits, candidates }] of found.entries()) {
      const alone = await engine.forward([guesses[row]!]);
      expect(logits, `row ${row}`).toEqual(alone.slice());
      const ids = likeliest(alone, highest, besidesOf(row));
      expect(candidates).toEqual([...new Set([...ids, ...besidesOf(row), ...candidates])].sort((a, b) => a - b));
      expect(candidates.length).toBeLessThan(highest + 20);
    }
    expect(rows.at(0), 'overwritten by the passes since').toBeUndefined();
  });

  it('are all exact where all are asked for, or more than it can look for', async () => {
    for (const exact of [undefined, { highest: 257 }]) {
      engine.truncate(0);
      const all = (await engine.forward(prompts[0]!)).slice();
      engine.truncate(0);
      expect(await engine.forward(prompts[0]!, { exact })).toEqual(all);
    }
  });
});

describe('the likeliest tokens of a random model whose last group of rows is not full', () => {
  const models: [name: string, type: 'Q8_0' | 'Q6_K' | 'F16', changes: TinyChanges][] = [
    ['a head of Q8_0', 'Q8_0', {}],
    ['a head of Q6_K', 'Q6_K', {}],
    ['a head of F16', 'F16', {}],
    // The rows' errors meet almost nothing but this channel: they no longer average out.
    ['one channel that outweighs all others', 'Q8_0', { finalNorm: (channel) => (channel === 5 ? 100 : 0.1) }],
  ];

  it.each(models)('are exact with %s', async (_, type, changes) => {
    const { gguf, spec, source } = makeTinyModel(type, { vocabularySize: 5_003, ...changes });
    const engine = await createCpuBackend({
      spec,
      gguf,
      source,
      contextLength: 64,
      threads: 1,
      compile: compileFromDisk,
    });
    for (const highest of [1, 7, 40]) {
      const { exact } = await compare(engine, [17, 4_999, 250], 12, highest, [0, 5_002, 77, 78]);
      // Not all were read: the outline is what is tested. Random rows are so alike that all of them may be among the first 40.
      if (highest === 1) expect(exact).toBeLessThan(1);
    }
    engine.dispose();
  });

  it.each([2, 3, 5])('are the same on %d threads, each with a share of its own', async (threads) => {
    const { gguf, spec, source } = makeTinyModel('Q8_0', { vocabularySize: 5_003 });
    const options = { spec, gguf, source, contextLength: 64, compile: compileFromDisk };
    const one = await createCpuBackend({ ...options, threads: 1 });
    const many = await createCpuBackend({ ...options, threads, createThread: createNodeThread });
    for (const highest of [1, 7]) {
      await compare(many, [17, 4_999, 250], 8, highest, [0, 5_002, 77, 78]);
      for (const token of [3, 1_700, 4_801]) {
        const [alone, together]: [number[], number[]] = [[], []];
        one.truncate(0);
        many.truncate(0);
        const logits = await one.forward([token], { exact: { highest, candidates: alone } });
        const same = await many.forward([token], { exact: { highest, candidates: together } });
        if (alone.length === 0 || together.length === 0) continue;
        const first = likeliest(logits, highest, []);
        expect(alone).toEqual(expect.arrayContaining(first));
        expect(together).toEqual(expect.arrayContaining(first));
        expect(first.map((id) => same[id])).toEqual(first.map((id) => logits[id]));
      }
      one.truncate(0);
      many.truncate(0);
      const pass = [3, 1_700, 4_801, 250, 77, 4_999];
      const rows = await many.forwardRows!(pass);
      for (const [row, token] of pass.entries()) {
        const candidates: number[] = [];
        const same = rows.at(row, { highest, besides: [9], candidates })!;
        const alone = await one.forward([token]);
        const first = likeliest(alone, highest, [9]);
        expect(candidates).toEqual(expect.arrayContaining([...first, 9]));
        expect(candidates.map((id) => same[id])).toEqual(candidates.map((id) => alone[id]));
      }
    }
    one.dispose();
    many.dispose();
  });
});
