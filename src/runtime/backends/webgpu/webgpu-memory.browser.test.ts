import { expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { createWebGpuBackend } from './index.ts';
import { type RandomModel, randomModel } from './testing/random-model.ts';
import { gpuWith } from './testing/staged-gpu.ts';

/** The part of the DevTools protocol that is used here. */
interface DevTools {
  send(method: 'HeapProfiler.collectGarbage'): Promise<unknown>;
  send(
    method: 'Runtime.getHeapUsage',
  ): Promise<{ readonly usedSize: number; readonly backingStorageSize?: number | undefined }>;
}

const devTools = () => cdp() as unknown as DevTools;

/** Logits are large enough to be missed where they stay behind. */
const MODEL: RandomModel = {
  hiddenSize: 32,
  feedForwardSize: 32,
  heads: 1,
  keyValueHeads: 1,
  headSize: 32,
  layers: 1,
  vocabularySize: 60_000,
  contextLength: 64,
  typeOf: () => 'F32',
};

const LOADS = 20;
/** Loads after which everything that is made once has been made. */
const FIRST_LOADS = 4;

/** The same bindings, and nothing to compile: what is looked at here is memory, and a load is to take no time. */
function emptied(code: string): string {
  const bindings = [...code.matchAll(/@group\(0\) @binding\((\w+)\) var<([^>]+)> (\w+)/g)];
  const declared = bindings.map(([, at, kind, name]) => {
    const type = kind === 'uniform' ? 'vec4u' : 'array<vec4u>';
    return `@group(0) @binding(${at}) var<${kind}> ${name}: ${type};`;
  });
  const constants = code.split('\n').filter((line) => line.startsWith('const CACHE_BINDING'));
  const used = bindings.map(([, , , name]) => `_ = &${name};`).join(' ');
  return [...constants, ...declared, `@compute @workgroup_size(1) fn main() { ${used} }`].join('\n');
}

async function heapBytes(): Promise<number> {
  await devTools().send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = await devTools().send('Runtime.getHeapUsage');
  return usedSize + backingStorageSize;
}

it('gives all memory back, twenty times over', async () => {
  const { source, gguf, spec } = await randomModel(MODEL, 1);
  let made = 0;
  const { gpu, opened } = gpuWith({
    changeShader: emptied,
    onBuffer: (bytes) => {
      made += bytes;
    },
  });
  let heapBefore = 0;
  let bytesALoad = 0;
  for (let load = 1; load <= LOADS; load++) {
    made = 0;
    const backend = await createWebGpuBackend({ spec, gguf, source, contextLength: 64, gpu });
    await backend.forward([1, 2, 3]);
    if (load > 1) expect(made).toBe(bytesALoad);
    bytesALoad = made;
    expect(made).toBeGreaterThanOrEqual(backend.memoryBytes);
    backend.dispose();
    // With the device goes all that was made on it.
    await expect(opened.device!.lost).resolves.toMatchObject({ reason: 'destroyed' });
    if (load === FIRST_LOADS) heapBefore = await heapBytes();
  }
  expect(await heapBytes()).toBeLessThan(heapBefore * 1.05);
});
