import { afterEach, expect, it, vi } from 'vitest';
import { readDevice } from './device.ts';

afterEach(() => vi.unstubAllGlobals());

it('asks for an adapter once for all who ask at a time, and again later', async () => {
  const answers = [null, { info: {}, limits: { maxStorageBufferBindingSize: 2 ** 30 } }];
  const requestAdapter = vi.fn(async () => answers.shift());
  vi.stubGlobal('navigator', { hardwareConcurrency: 4, gpu: { requestAdapter } });
  const devices = await Promise.all([readDevice(), readDevice(), readDevice()]);
  expect(devices.map(({ gpuBufferBytes }) => gpuBufferBytes)).toEqual([null, null, null]);
  expect(requestAdapter).toHaveBeenCalledTimes(1);
  expect(await readDevice()).toMatchObject({ gpuBufferBytes: 2 ** 30, threads: 4, memoryBytes: null });
});

it('takes a graphics process that fails for none', async () => {
  vi.stubGlobal('navigator', {
    hardwareConcurrency: 1,
    gpu: { requestAdapter: () => Promise.reject(new Error('gone')) },
  });
  expect(await readDevice()).toMatchObject({ gpuBufferBytes: null, freeBytes: null });
});
