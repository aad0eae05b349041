import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SottoError } from '../../../shared/index.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { describeAdapter } from './adapter.ts';
import { type ChoiceMemory, chooseBackend, type EngineChoice } from './choose-backend.ts';

const VOCABULARY = 50;
const REAL = { key: 'a real adapter', isSoftware: false };

/** Milliseconds; only engines move it, so that a busy machine makes none of them slower. */
let clock = 0;
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => vi.restoreAllMocks());

/** An engine whose logits depend on its position; `pace` milliseconds a token. */
class Engine {
  position = 0;
  isDisposed = false;
  readonly vocabularySize = VOCABULARY;
  readonly #pace: number;
  readonly #bend: number;

  constructor(pace: number, bend = 0) {
    this.#pace = pace;
    this.#bend = bend;
  }

  async forward(tokens: ArrayLike<number>): Promise<Float32Array> {
    this.position += tokens.length;
    clock += this.#pace;
    return Float32Array.from({ length: VOCABULARY }, (_, i) => 5 * Math.sin(i + this.position) + this.#bend * (i % 7));
  }

  truncate(position: number): void {
    this.position = position;
  }

  park(): void {}

  dispose(): void {
    this.isDisposed = true;
  }
}

function stage(adapter: typeof REAL | undefined, gpus: Readonly<Record<'f16' | 'f32', () => Engine>>, cpuPace = 2) {
  const created: string[] = [];
  const engines: Engine[] = [];
  const records = new Map<string, EngineChoice>();
  const memory: ChoiceMemory = {
    read: async (key) => records.get(key),
    write: async (key, choice) => {
      records.set(key, choice);
    },
  };
  const keep = (name: string, engine: Engine) => {
    created.push(name);
    engines.push(engine);
    return engine as unknown as DecoderBackend;
  };
  const choose = () =>
    chooseBackend({
      adapter,
      memory,
      model: 'a model',
      createCpu: async () => keep('cpu', new Engine(cpuPace)),
      createGpu: async (format) => keep(format, gpus[format]()),
      onProgress: () => {},
      signal: undefined,
    });
  return { choose, created, engines, records };
}

const quick = () => new Engine(0);
const slow = () => new Engine(6);
const bent = () => new Engine(0, 1);
const broken = (): Engine => {
  throw new SottoError('gpu-out-of-memory', 'full');
};

describe('chooseBackend', () => {
  it.each([
    ['no adapter', undefined, 'no-adapter'],
    ['an adapter in software', { key: 'software', isSoftware: true }, 'software-adapter'],
  ])('takes the CPU without a trial where there is %s', async (_, adapter, reason) => {
    const { choose, created } = stage(adapter, { f16: quick, f32: quick });
    expect((await choose()).choice).toEqual({ engine: 'cpu', reason });
    expect(created).toEqual(['cpu']);
  });

  it('takes the faster engine, remembers it, and never holds the weights twice', async () => {
    const { choose, created, engines } = stage(REAL, { f16: quick, f32: quick });
    const { backend, choice } = await choose();
    const figures = { cpuMs: expect.any(Number), gpuMs: expect.any(Number) };
    expect(choice).toEqual({ engine: 'webgpu-f16', reason: 'gpu-faster', trial: figures });
    expect(choice.trial!.gpuMs).toBeLessThan(choice.trial!.cpuMs);
    expect(engines.map(({ isDisposed }) => isDisposed)).toEqual([true, false]);
    expect(backend.position).toBe(0);
    expect((await choose()).choice).toEqual(choice);
    expect(created).toEqual(['cpu', 'f16', 'f16']);
  });

  it('stays on the CPU where that is faster', async () => {
    const { choose, created } = stage(REAL, { f16: slow, f32: slow });
    expect((await choose()).choice).toMatchObject({
      engine: 'cpu',
      reason: 'cpu-faster',
      trial: { cpuMs: expect.any(Number) },
    });
    expect((await choose()).choice.reason).toBe('cpu-faster');
    expect(created).toEqual(['cpu', 'f16', 'cpu', 'cpu']);
  });

  it('steps down from halves to f32, and from a device that computes something else to the CPU', async () => {
    const halves = stage(REAL, { f16: bent, f32: quick });
    expect((await halves.choose()).choice).toMatchObject({ engine: 'webgpu-f32', reason: 'gpu-faster' });
    const both = stage(REAL, { f16: bent, f32: bent });
    expect((await both.choose()).choice).toEqual({ engine: 'cpu', reason: 'gpu-wrong' });
    expect(both.engines.map(({ isDisposed }) => isDisposed)).toEqual([true, true, true, false]);
    const notNumbers = stage(REAL, { f16: () => new Engine(0, Number.NaN), f32: bent });
    expect((await notNumbers.choose()).choice.reason).toBe('gpu-wrong');
  });

  it('goes on where the device fails, and tries it again at the next load', async () => {
    const { choose, records } = stage(REAL, { f16: broken, f32: broken });
    expect((await choose()).choice).toEqual({ engine: 'cpu', reason: 'gpu-failed' });
    expect(records.size).toBe(0);
  });
});

describe('describeAdapter', () => {
  const adapterOf = (info: Record<string, unknown>) =>
    ({ info, limits: { maxBufferSize: 1, maxComputeWorkgroupStorageSize: 2 } }) as unknown as GPUAdapter;

  it('asks again after a null, and knows adapters in software', async () => {
    const answers = [null, adapterOf({ vendor: 'google', architecture: 'swiftshader' })];
    const facts = await describeAdapter({ requestAdapter: async () => answers.shift() ?? null });
    expect(facts).toEqual({ key: 'google swiftshader, 1, 2', isSoftware: true });
    const real = await describeAdapter({ requestAdapter: async () => adapterOf({ vendor: 'nvidia' }) });
    expect(real?.isSoftware).toBe(false);
    expect(await describeAdapter(undefined)).toBeUndefined();
    const failing = { requestAdapter: () => Promise.reject(new Error('no GPU process')) };
    expect(await describeAdapter(failing)).toBeUndefined();
  });
});
