import { expect, it } from 'vitest';
import type { BenchFigure } from '../../protocol/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { type MeasureOptions, measureEngine } from './measure-engine.ts';

/** An engine that reads at once and only counts. */
function countingEngine(contextLength: number) {
  let position = 0;
  const calls = { forward: 0, most: 0 };
  const engine = {
    kind: 'cpu',
    vocabularySize: 300,
    contextLength,
    get position() {
      return position;
    },
    forward: async (tokens: ArrayLike<number>) => {
      calls.forward += 1;
      position += tokens.length;
      calls.most = Math.max(calls.most, position);
      return Float32Array.from({ length: 300 }, (_, i) => Math.sin(i + position));
    },
    truncate: (to: number) => {
      position = to;
    },
    park: () => {},
  };
  return { engine: engine as unknown as DecoderBackend, calls };
}

async function collect(engine: DecoderBackend, options: MeasureOptions): Promise<BenchFigure[]> {
  const figures: BenchFigure[] = [];
  for await (const figure of measureEngine(engine, options)) figures.push(figure);
  return figures;
}

const options = { decodeAt: [16, 200], prefill: [64, 128, 5_000], rounds: 2, patienceMs: 60_000 };

it('gives every figure that the context holds, in rounds, and leaves the cache empty', async () => {
  const { engine, calls } = countingEngine(1_000);
  const figures = await collect(engine, { ...options, signal: new AbortController().signal });
  expect(figures.map(({ phase, tokens }) => `${phase} ${tokens}`)).toEqual([
    'prefill 64',
    'prefill 128',
    'decode 200',
    'decode 16',
    'drawn 16',
    'logits 16',
  ]);
  for (const { rounds, tokensPerSecond } of figures) {
    expect(rounds).toHaveLength(2);
    expect(rounds).toContain(tokensPerSecond);
    expect(tokensPerSecond).toBeGreaterThan(0);
  }
  expect(engine.position).toBe(0);
  expect(calls.most).toBeLessThanOrEqual(200 + 192);
}, 30_000);

it('leaves out what would take longer than the patience, and stops when asked to', async () => {
  const { engine } = countingEngine(1_000);
  const impatient = { ...options, patienceMs: 0, signal: new AbortController().signal };
  const figures = await collect(engine, impatient);
  expect(figures.map(({ tokens }) => tokens)).toEqual([64, 16, 16, 16]);
  const stop = new AbortController();
  const run = async () => {
    for await (const figure of measureEngine(engine, { ...options, signal: stop.signal })) {
      if (figure.phase === 'decode') stop.abort();
    }
  };
  await expect(run()).rejects.toMatchObject({ name: 'AbortError' });
}, 30_000);
