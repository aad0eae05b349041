import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CpuBackend } from './cpu/cpu-backend.ts';
import { createNodeThread as createThread } from './cpu/testing/node-threads.ts';
import { makeTinyModel } from './cpu/testing/tiny-model.ts';
import { createBackend, type EngineRequest, type EngineTools } from './create-backend.ts';
import type { DecoderBackend } from './decoder-backend.ts';

const tiny = makeTinyModel();
let known: Map<string, number>;
let writes: [key: string, threads: number][];
let engines: DecoderBackend[];

beforeEach(() => {
  known = new Map();
  writes = [];
  engines = [];
  vi.stubGlobal('fetch', async (url: string) => new Response(readFileSync(`.${url}`)));
});
afterEach(() => {
  for (const engine of engines) engine.dispose();
  vi.unstubAllGlobals();
});

async function load(changes: Partial<EngineRequest> = {}, tools: Partial<EngineTools> = {}): Promise<DecoderBackend> {
  const engine = await createBackend(
    {
      ...tiny,
      backend: 'cpu',
      contextLength: 100,
      threads: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
      onChoice: () => {},
      onRenewed: () => {},
      ...changes,
    },
    {
      createThread,
      threads: 3,
      threadMemory: {
        read: async (key) => known.get(key),
        write: async (key, threads) => {
          writes.push([key, threads]);
          known.set(key, threads);
        },
      },
      memory: { read: async () => undefined, write: async () => {} },
      ...tools,
    },
  );
  engines.push(engine);
  return engine;
}

describe('the number of threads', () => {
  it('is tried at the first load and remembered for the next', async () => {
    const first = await load();
    expect(first).toMatchObject({ threads: 3, position: 0 });
    expect(writes).toHaveLength(1);
    const [[key, best] = ['', 0]] = writes;
    expect([1, 2, 3]).toContain(best);
    const use = vi.spyOn(CpuBackend.prototype, 'useThreads');
    // 64, as it may be where a profile came from another machine.
    for (const threads of [best, 1, 2, 64]) {
      known.set(key, threads);
      // All are there: prompts are read with them, and single tokens as soon as that is found to be faster.
      expect((await load()).threads).toBe(3);
      expect(use).toHaveBeenLastCalledWith(threads);
    }
    expect(writes).toHaveLength(1);
  });

  it('is tried anew for a model of another size, and on a machine with more processors', async () => {
    await load();
    const { size } = tiny.source;
    await load({ source: { size: 64 * size, read: (...range) => tiny.source.read(...range) } });
    await load({}, { threads: 2 });
    expect(new Set(writes.map(([key]) => key)).size).toBe(3);
  });

  it('is what was asked for, or half to save power, and then nothing is tried', async () => {
    expect((await load({ threads: 2 })).threads).toBe(2);
    expect((await load({ power: 'saving' })).threads).toBe(2);
    expect((await load({ power: 'saving', threads: 2 })).threads).toBe(1);
    expect((await load({}, { threads: 1 })).threads).toBe(1);
    expect(writes).toEqual([]);
  });

  it('is never more to save power than without', async () => {
    await load();
    const [[key] = ['']] = writes;
    const use = vi.spyOn(CpuBackend.prototype, 'useThreads');
    known.set(key, 1);
    expect((await load({ power: 'saving' })).threads).toBe(2);
    expect(use).toHaveBeenLastCalledWith(1);
    expect(writes).toHaveLength(1);
  });

  it('is all of them where nothing can be remembered', async () => {
    const failing = { read: () => Promise.reject(new Error('no')), write: () => Promise.reject(new Error('no')) };
    expect((await load({}, { threadMemory: failing })).threads).toBe(3);
    expect((await load({}, { threadMemory: undefined })).threads).toBe(3);
  });

  it('changes no answer', async () => {
    const tokens = Array.from({ length: 70 }, (_, i) => (i * 7) % 51);
    const logits = async (threads: number) => (await (await load({ threads })).forward(tokens)).slice();
    const alone = await logits(1);
    expect(await logits(2)).toEqual(alone);
    expect(await logits(3)).toEqual(alone);
  });
});
