import { expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import type { AheadOptions } from '../decoder-backend.ts';
import { RenewingBackend } from '../renewing-backend.ts';
import { makeAdapter } from '../testing/lora-adapters.ts';
import { createWebGpuBackend } from './index.ts';
import { type RandomModel, randomModel } from './testing/random-model.ts';

/** The part of the DevTools protocol that is used here. */
interface DevTools {
  send(method: 'Browser.crashGpuProcess'): Promise<unknown>;
}

const devTools = () => cdp() as unknown as DevTools;

const TINY: RandomModel = {
  hiddenSize: 32,
  feedForwardSize: 32,
  heads: 1,
  keyValueHeads: 1,
  headSize: 32,
  layers: 1,
  vocabularySize: 400,
  contextLength: 200,
  typeOf: () => 'F32',
};

const GREEDY: AheadOptions = {
  maxTokens: 60,
  recent: [],
  randoms: () => [],
  sampling: {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
  },
};

it('goes on in mid-answer when the GPU process crashes, with the adapter in use', async () => {
  const model = await randomModel(TINY, 1);
  const { source, gguf, spec } = model;
  const create = () => createWebGpuBackend({ spec, gguf, source, contextLength: 200 });
  const again = async () => {
    for (let tries = 0; tries < 20; tries++) {
      try {
        return await create();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    throw new Error('the GPU process did not come back');
  };
  let renewals = 0;
  const backend = new RenewingBackend(await create(), async () => {
    renewals += 1;
    return again();
  });
  const plain: number[] = [];
  for await (const { token } of backend.decodeAhead(3, GREEDY)) plain.push(token);
  const adapter = makeAdapter(model, 1);
  await backend.adapters!.load('persona', adapter.gguf, adapter.source);
  backend.adapters!.use([{ name: 'persona', scale: 1 }]);
  const expected: number[] = [];
  for await (const { token } of backend.decodeAhead(3, GREEDY)) expected.push(token);
  backend.truncate(0);
  const written: number[] = [];
  for await (const { token } of backend.decodeAhead(3, GREEDY)) {
    if (written.push(token) === 20) await devTools().send('Browser.crashGpuProcess');
  }
  expect(renewals).toBe(1);
  expect(expected).not.toEqual(plain);
  expect(written).toEqual(expected);
  expect(backend.position).toBe(60);
  backend.dispose();
});
