import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { typesWithKernel } from '../../src/runtime/backends/cpu/kernel-types.ts';
import { Failure } from '../lib/failure.mjs';
import { type BenchFailure, createAttempts } from './attempts.mjs';
import { type Completion, type Engine, verified } from './engine.mjs';
import { engineKernels } from './kernels.mjs';
import { measure } from './measure.mjs';
import { cacheBytes } from './memory.mjs';
import { writeOnnxModel } from './onnx-model.mjs';
import { formatChart, formatTable, fullRatiosOf, ratiosOf } from './result.mjs';
import schema from './result.schema.json' with { type: 'json' };
import { median } from './statistics.mjs';
import { FULL, only, promptOf, QUICK, rowIds } from './workload.mjs';

test('the median of an odd and of an even number of values', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test('prompts have as many words as tokens asked for, and variants share no prefix', () => {
  expect(promptOf(128, 0).trim().split(' ')).toHaveLength(128);
  expect(promptOf(16, 0).split(' ')[1]).not.toBe(promptOf(16, 1).split(' ')[1]);
});

const honest: Completion = {
  promptTokens: 16,
  cachedTokens: 0,
  completionTokens: 33,
  prefillTokensPerSecond: 160,
  decodeTokensPerSecond: 32,
  firstTokenMs: 110,
  wallMs: 1120,
};
const expected = { engine: 'x', promptTokens: 16, answerTokens: 33, mayUseCache: false };

test('a run whose counts and rates fit is taken', () => {
  expect(verified(honest, expected)).toBe(honest);
});

test.each([
  [{ promptTokens: 17 }, /17 prompt tokens/],
  [{ completionTokens: 20 }, /20 tokens/],
  [{ cachedTokens: 8 }, /cache/],
  [{ decodeTokensPerSecond: 64 }, /600 ms of work in 1120 ms/],
  [{ wallMs: 700 }, /1100 ms of work in 700 ms/],
])('a run that is not what was asked for is refused: %o', (change, message) => {
  expect(() => verified({ ...honest, ...change }, expected)).toThrow(Failure);
  expect(() => verified({ ...honest, ...change }, expected)).toThrow(message);
});

test('a ratio is the worst of its rows, and times count the other way round', () => {
  const row = (id: string, threads: number, ratio: number) => ({
    id,
    title: id,
    unit: 'tok/s',
    threads,
    sotto: 1,
    wllama: 1,
    ratio,
  });
  const ratios = ratiosOf([
    row('decode16', 1, 15),
    row('decode1000', 1, 9),
    row('prefill128', 1, 30),
    row('decode16', 2, 12),
  ]);
  expect(ratios).toMatchObject({ decodeVsWllama: 9, prefillVsWllama: 30, loadVsWllama: null });
  expect(ratios.byRow['decode16@2']).toBe(12);
  expect(formatTable([row('decode16', 1, 15)])).toContain('15.0 ×');
});

test('the KV cache of SmolLM2-135M at 2,048 positions', () => {
  const metadata = {
    'general.architecture': 'llama',
    'llama.block_count': '30',
    'llama.attention.head_count': '9',
    'llama.attention.head_count_kv': '3',
    'llama.embedding_length': '576',
  };
  expect(cacheBytes(metadata, 2048)).toBe(30 * 2 * 3 * 68 * 2048);
  expect(cacheBytes({}, 2048)).toBeNull();
});

const fullRows = [
  ...[1, 2].flatMap((threads) => [
    { id: 'decode16', title: 'decode', unit: 'tok/s', threads, sotto: 100 * threads, wllama: 10, ratio: 10 * threads },
    { id: 'decode4000', title: 'decode', unit: 'tok/s', threads, sotto: 60 * threads, wllama: 2, ratio: 30 * threads },
    { id: 'prefill128', title: 'prefill', unit: 'tok/s', threads, sotto: 300, wllama: 15, ratio: 20 },
    { id: 'secondTurn', title: 'turn 2', unit: 'ms', threads, sotto: 100, wllama: 1500, ratio: 15 },
    { id: 'speculation-copy', title: 'copy', unit: 'tok/s', threads, sotto: 200, wllama: null, ratio: 1.5 + threads },
  ]),
].map((row) => ({ ...row, peers: { native: row.threads === 1 ? 50 : null, onnxInt8: 30 } }));
const machine = { weightBytes: 1e8, bandwidths: { 1: 20, 2: 25 } };

test('beside all peers, exactly the ratios that were promised, each the worst of its rows', () => {
  expect(fullRatiosOf(fullRows, machine)).toEqual({
    decodeVsWllama: 10,
    prefillVsWllama: 20,
    decodeVsNative: 1.2,
    prefillVsNative: 6,
    decodeShareOfBandwidth: 0.5,
    contextSlope: 0.6,
    secondTurnVsWllama: 15,
    speculationSpeedup: 2.5,
  });
  expect(Object.values(fullRatiosOf([], machine)).every((ratio) => ratio === null)).toBe(true);
});

test('the result keeps to its schema', () => {
  const validate = new Ajv({ strict: false, formats: { 'date-time': true } }).compile(schema);
  const environment = {
    date: '2026-01-01T00:00:00.000Z',
    browser: '156',
    processor: 'a processor',
    logicalProcessors: 2,
    engines: { sotto: 'WebAssembly', wllama: 'llama.cpp' },
    model: { id: 'a', file: 'a.gguf', fileBytes: 2, weightBytes: 1 },
    contextLength: FULL.contextLength,
    rounds: 3,
    bandwidth: { 1: 20.5 },
    memory: { measure: 'resident', sottoEngineBytes: 1, sottoTargetBytes: null },
  };
  const failures = [{ engine: 'native', threads: 1, what: 'load', reason: 'it is not there' }];
  const result = { environment, rows: fullRows, ratios: fullRatiosOf(fullRows, machine), failures };
  expect(validate(result) || validate.errors).toBe(true);
  expect(validate({ ...result, ratios: {} })).toBe(false);
});

test('the chart draws the fastest of a row longest', () => {
  const [first = ''] = formatChart(fullRows).split('\n\n');
  const bars = first
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/[^█]/g, '').length);
  expect(bars).toEqual([40, 4, 12, 20]);
});

/** An engine that says what it should, in no time. */
function scripted(name: Engine['name'], change: Partial<Engine> = {}): Engine {
  return {
    name,
    page: null,
    processId: null,
    emptyPageBytes: null,
    load: async ({ threads }) => ({ loadMs: 5, threads, description: name, engineBytes: 1, metadata: {} }),
    complete: async ({ prompt, maxTokens }) => {
      const promptTokens = prompt.trim().split(' ').length;
      const rate = 10_000;
      const wallMs = ((promptTokens + maxTokens - 1) / rate) * 1000;
      const rates = { prefillTokensPerSecond: rate, decodeTokensPerSecond: rate };
      return { promptTokens, cachedTokens: 0, completionTokens: maxTokens, ...rates, firstTokenMs: 1, wallMs };
    },
    unload: async () => {},
    ...change,
  };
}

test('an engine that fails is left out of that row, one that does not load of all, and the rest goes on', async () => {
  const failures: BenchFailure[] = [];
  const kept: string[] = [];
  const works = scripted('wllama');
  const tripping = scripted('wllama', {
    complete: (request) =>
      request.prompt.length > 4000 ? Promise.reject(new Error('out of memory\nat a place')) : works.complete(request),
  });
  const broken = scripted('native', { load: () => Promise.reject(new Error('it does not start')) });
  const options = { threads: 1, rounds: 2, workload: QUICK, report: () => {}, failures };
  const onRow = ({ id }: { id: string }) => kept.push(id);
  const { rows } = await measure([scripted('sotto'), tripping, broken], { ...options, onRow });
  const row = (id: string) => rows.find((candidate) => candidate.id === id);
  expect(row('decode16')).toMatchObject({ ratio: 1, peers: { native: null } });
  expect(row('decode1000')).toMatchObject({ wllama: null, ratio: null });
  expect(row('decode1000')?.sotto).toBeCloseTo(10_000);
  expect(row('prefill128')).toMatchObject({ ratio: 1 });
  expect(kept).toEqual(rows.map(({ id }) => id));
  expect(failures.map(({ engine, what, reason }) => [engine, what, reason])).toEqual([
    ['native', 'load', 'it does not start'],
    ['wllama', 'decode at 1,000 tokens', 'out of memory'],
    ['wllama', 'decode at 1,000 tokens', 'out of memory'],
  ]);
});

test('a call that never ends is given up', async () => {
  const failures: BenchFailure[] = [];
  const { attempt } = createAttempts({ threads: 1, report: () => {}, failures, limitMs: 20 });
  expect(await attempt('wllama', 'a row', () => new Promise(() => {}))).toBeUndefined();
  expect(failures).toMatchObject([{ engine: 'wllama', reason: 'no answer within 0.02 s' }]);
});

test('when the time is over, what there is is kept, a busy engine is ended, and what was left out is said', async () => {
  const failures: BenchFailure[] = [];
  const end = new AbortController();
  const stopped: string[] = [];
  const endless = scripted('wllama', {
    complete: (request) => {
      if (request.maxTokens === 1) return scripted('wllama').complete(request);
      queueMicrotask(() => end.abort());
      return new Promise(() => {});
    },
    stop: () => void stopped.push('wllama'),
  });
  const options = { threads: 1, rounds: 2, workload: FULL, report: () => {}, failures, signal: end.signal };
  const { rows } = await measure([scripted('sotto'), endless], options);
  expect(rows.map(({ id }) => id)).toEqual(['load', 'firstToken', 'coldFirstToken', 'decode16', 'peakMemory']);
  expect(rows.find(({ id }) => id === 'decode16')).toMatchObject({ wllama: null, ratio: null });
  expect(stopped).toEqual(['wllama']);
  const left = failures.filter(({ engine, reason }) => engine === 'all' && reason === 'the time was over');
  // All but the loads and the row it ended in.
  expect(left).toHaveLength(rowIds(FULL).length - 2);
});

test('a call that takes long is made once, those of others in every round', async () => {
  const calls: string[] = [];
  const counted = (name: Engine['name'], ms: number) => {
    const engine = scripted(name);
    return scripted(name, {
      complete: async (request) => {
        calls.push(name);
        await new Promise((resolve) => setTimeout(resolve, request.maxTokens > 1 ? ms : 0));
        return engine.complete(request);
      },
    });
  };
  const workload = only(FULL, ['decode16']);
  const options = { threads: 1, rounds: 3, workload, report: () => {}, failures: [], onceFromMs: 60 };
  const { rows } = await measure([counted('sotto', 0), counted('wllama', 90)], options);
  const count = (name: string) => calls.filter((call) => call === name).length;
  expect([count('sotto'), count('wllama')]).toEqual([6, 4]);
  expect(rows.find(({ id }) => id === 'decode16')?.wllama).toBeGreaterThan(0);
});

test('a text that was kept is asked about in new pages, with and without', async () => {
  const texts: string[] = [];
  const sotto = scripted('sotto', {
    keepText: async (prompt) => void texts.push(prompt),
    forgetTexts: async () => void texts.splice(0),
    coldPage: async (_, prompt) => {
      const isKept = texts.some((text) => prompt.startsWith(text));
      return { firstTokenMs: isKept ? 500 : 9_000, cachedTokens: isKept ? 4_000 : 0 };
    },
  });
  const workload = only(FULL, ['documentAfterReload']);
  const { rows } = await measure([sotto], { threads: 1, rounds: 1, workload, report: () => {}, failures: [] });
  expect(rows.map(({ id }) => id)).toEqual(['load', 'firstToken', 'peakMemory', 'documentAfterReload']);
  expect(rows.at(-1)).toMatchObject({ sotto: 500, ratio: 18 });
  expect(texts).toEqual([]);
  expect(rowIds(FULL)).toContain('documentAfterReload');
  expect(rowIds(QUICK)).toEqual(['decode16', 'decode1000', 'prefill128', 'prefill512']);
});

test('every kernel of the engine is timed, with all the types that it computes with', async () => {
  const kernels = await engineKernels();
  expect(kernels.flatMap(({ name }) => name.split(', ')).toSorted()).toEqual([...typesWithKernel()].toSorted());
  expect(new Set(kernels.map(({ kernel }) => kernel)).size).toBe(kernels.length);
  expect(kernels.find(({ name }) => name === 'Q4_1, Q4_K')).toMatchObject({ groupBytes: 160 });
});

test('the whole workload has the rows that were promised', () => {
  expect(rowIds(FULL).toSorted()).toEqual(
    [
      ...['decode16', 'decode1000', 'decode4000', 'prefill128', 'prefill512', 'prefill2048'],
      ...['secondTurn', 'coldFirstToken', 'documentAfterReload'],
      ...['speculation-copy', 'speculation-records', 'speculation-code'],
    ].toSorted(),
  );
  expect(FULL.chat!.firstTurn).toBe(2000);
});

test('a random ONNX model is written whole, once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sotto-onnx-'));
  const shape = {
    layers: 2,
    hidden: 64,
    feedForward: 96,
    heads: 4,
    kvHeads: 2,
    headSize: 16,
    vocabulary: 100,
    context: 32,
  };
  for (const precision of ['fp32', 'int8'] as const) {
    const folder = join(directory, await writeOnnxModel(directory, precision, shape), 'onnx');
    const file = precision === 'fp32' ? 'model.onnx' : 'model_int8.onnx';
    const values = 100 * 64 * 2 + 2 * (64 * 64 * 2 + 2 * 64 * 32 + 3 * 64 * 96);
    expect(statSync(join(folder, `${file}_data`)).size).toBe(values * (precision === 'fp32' ? 4 : 1));
    const graph = readFileSync(join(folder, file));
    expect(graph.includes('DATA')).toBe(false);
    expect(graph.includes('GroupQueryAttention')).toBe(true);
  }
  rmSync(directory, { recursive: true });
});
