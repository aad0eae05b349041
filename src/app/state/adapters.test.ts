import { expect, it } from 'vitest';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { createAdapters } from './adapters.ts';
import { testEngine, testReadyModel } from './engine.kit.ts';

const file = (bytes: string, name = 'pirate.gguf') => new File([bytes], name);
const { signal } = new AbortController();

it('an adapter is kept, read beside each model once, and gone when it is deleted', async () => {
  const read: [name: string, text: string][] = [];
  const engine = testEngine({
    loadAdapter: async (name, given) => {
      read.push([name, typeof given === 'string' ? given : await given.text()]);
      return [name];
    },
  });
  const adapters = createAdapters(engine, createMemoryRecordStore());
  const id = await adapters.add(file('GGUF and more'));
  const model = testReadyModel('first');
  await adapters.use(id, model, signal);
  await adapters.use(id, model, signal);
  // Loaded anew, a model has read none.
  await adapters.use(id, testReadyModel('first'), signal);
  expect(read).toEqual([
    [id, 'GGUF and more'],
    [id, 'GGUF and more'],
  ]);
  await adapters.remove(id);
  await expect(adapters.use(id, testReadyModel('first'), signal)).rejects.toMatchObject({
    code: 'model-files-missing',
  });
});

it('one that cannot be read beside the model is tried again next time; what is no GGUF file is not kept', async () => {
  let tries = 0;
  const engine = testEngine({
    loadAdapter: async () => {
      tries += 1;
      throw new Error('not for this model');
    },
  });
  const records = createMemoryRecordStore();
  const adapters = createAdapters(engine, records);
  const id = await adapters.add(file('GGUF'));
  const model = testReadyModel('first');
  await expect(adapters.use(id, model, signal)).rejects.toThrow('not for this model');
  await expect(adapters.use(id, model, signal)).rejects.toThrow('not for this model');
  expect(tries).toBe(2);
  await expect(adapters.add(file('PK..', 'words.zip'))).rejects.toMatchObject({ code: 'gguf-invalid' });
  expect(await records.list('adapter')).toHaveLength(1);
});
