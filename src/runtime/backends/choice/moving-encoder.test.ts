import { expect, it } from 'vitest';
import { SottoError } from '../../../shared/index.ts';
import { CountingEncoder } from '../testing/counting-encoder.ts';
import { MovingEncoder } from './moving-encoder.ts';

const TEXTS = Array.from({ length: 40 }, (_, index) => [index, index + 1, index + 2]);

/** A processor that takes 200 ms a text, and a device that takes `gpuMs`, on a clock of their own. */
function stage({ cpuMs = 200, gpuMs = 5, ...gpuOptions }: { cpuMs?: number; gpuMs?: number; sign?: number } = {}) {
  const clock = { time: 100_000 };
  const pass = (ms: number) => () => {
    clock.time += ms;
  };
  const cpu = new CountingEncoder('cpu', { onText: pass(cpuMs) });
  const gpu = new CountingEncoder('webgpu', { onText: pass(gpuMs), ...gpuOptions });
  const tried: unknown[] = [];
  const create = { gpu: async () => gpu };
  const encoder = new MovingEncoder({
    cpu,
    createGpu: () => create.gpu(),
    onTried: (...outcome) => tried.push(outcome),
    now: () => clock.time,
  });
  return { clock, cpu, gpu, tried, create, encoder };
}

const expected = () => new CountingEncoder('cpu').encode(TEXTS);

it('stays on the processor for a question now and then', async () => {
  const { clock, encoder, tried } = stage();
  for (let i = 0; i < 100; i++) {
    await encoder.encode(TEXTS.slice(0, 1));
    clock.time += 11_000;
  }
  expect([encoder.kind, tried]).toEqual(['cpu', []]);
});

it('moves in mid-work where there is enough of it, and does no text twice but the sample', async () => {
  const { cpu, gpu, encoder, tried } = stage();
  const told: number[] = [];
  expect(await encoder.encode(TEXTS, { onProgress: (done) => told.push(done) })).toEqual(await expected());
  expect(encoder.kind).toBe('webgpu');
  expect(cpu.isDisposed).toBe(true);
  expect(cpu.encoded.length).toBe(1);
  // The sample twice: to compare, and to measure.
  expect(gpu.encoded.length).toBe(39 + 2);
  expect(tried).toEqual([['gpu-faster', { cpuMs: 200, gpuMs: 5 }]]);
  expect(told).toEqual(TEXTS.map((_, index) => index + 1));
  expect(await encoder.encode(TEXTS)).toEqual(await expected());
});

it('moves when small calls come one after the other', async () => {
  const { encoder } = stage();
  let calls = 0;
  for (; encoder.kind === 'cpu' && calls < 20; calls++) await encoder.encode(TEXTS.slice(0, 5));
  expect(calls).toBe(5);
});

it('stays where the device is slower, computes something else or cannot be had, and does not ask again', async () => {
  for (const [options, outcome] of [
    [{ gpuMs: 300 }, ['cpu-faster', { cpuMs: 200, gpuMs: 300 }]],
    [{ sign: -1 }, ['gpu-wrong']],
    [{ sign: Number.NaN }, ['gpu-wrong']],
  ] as const) {
    const { encoder, gpu, tried } = stage(options);
    for (let i = 0; i < 2; i++) expect(await encoder.encode(TEXTS)).toEqual(await expected());
    expect([encoder.kind, gpu.isDisposed, tried]).toEqual(['cpu', true, [outcome]]);
  }
  const { encoder, create, tried } = stage();
  create.gpu = () => Promise.reject(new SottoError('gpu-out-of-memory', 'full'));
  for (let i = 0; i < 2; i++) expect(await encoder.encode(TEXTS)).toEqual(await expected());
  expect(tried).toEqual([['gpu-failed']]);
});

it('stops when it is told to, and may move another time', async () => {
  const { encoder, create, gpu, tried } = stage();
  const controller = new AbortController();
  create.gpu = async () => {
    controller.abort();
    return gpu;
  };
  await expect(encoder.encode(TEXTS, { signal: controller.signal })).rejects.toHaveProperty('name', 'AbortError');
  expect(tried).toEqual([]);
  create.gpu = async () => new CountingEncoder('webgpu');
  expect(await encoder.encode(TEXTS)).toEqual(await expected());
  expect(encoder.kind).toBe('webgpu');
});

it('compares words too', async () => {
  const spans = TEXTS.map(
    () =>
      [
        [0, 1],
        [1, 1],
        [1, 3],
      ] as const,
  );
  const { encoder } = stage();
  expect(await encoder.encode(TEXTS, { spans })).toEqual(await new CountingEncoder('cpu').encode(TEXTS, { spans }));
  expect(encoder.kind).toBe('webgpu');
});
