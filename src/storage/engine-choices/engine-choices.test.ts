import 'fake-indexeddb/auto';
import { createStore, set } from 'idb-keyval';
import { expect, it } from 'vitest';
import { engineChoices } from './engine-choices.ts';

it('keeps a choice, and gives back nothing that makes no sense', async () => {
  const choices = engineChoices();
  expect(await choices.read('a')).toBeUndefined();
  await choices.write('a', { engine: 'webgpu-f32', reason: 'gpu-faster' });
  expect(await choices.read('a')).toEqual({ engine: 'webgpu-f32', reason: 'gpu-faster' });
  await set('b', { engine: 'abacus', reason: 'gpu-faster' }, createStore('sotto-engine-choices', 'choices'));
  expect(await choices.read('b')).toBeUndefined();
});
