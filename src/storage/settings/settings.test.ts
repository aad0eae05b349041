import { expect, it } from 'vitest';
import { createMemoryRecordStore } from '../records/index.ts';
import { DEFAULT_SETTINGS, readSettings } from './settings.ts';
import { createSettingsStore } from './settings-store.ts';

it('come back as they were saved', async () => {
  const store = createSettingsStore(createMemoryRecordStore());
  expect(await store.read()).toEqual(DEFAULT_SETTINGS);
  const persona = {
    id: 'p',
    name: 'Poet',
    systemPrompt: 'Rhyme.',
    parameters: { temperature: 1 },
    adapter: { id: 'a', name: 'pirate.gguf', bytes: 9 },
  };
  const changed = { ...DEFAULT_SETTINGS, personas: [persona], naming: 'model', sendWith: 'control-enter' } as const;
  await store.save(changed);
  expect(await store.read()).toEqual(changed);
});

it('take the default field by field where something makes no sense', () => {
  const odd = {
    naming: 'by magic',
    lockAfterMinutes: -1,
    personas: [
      { id: 1 },
      { id: 'p', name: 'n', systemPrompt: 's', parameters: { temperature: 99 }, adapter: { id: 7 } },
    ],
    parameters: { topK: 'many' },
    hasShortcuts: false,
    quickReplies: [7, '  ', ' Go on. '],
    searchesByMeaning: 'yes',
    extra: 1,
  };
  expect(readSettings(odd)).toEqual({
    ...DEFAULT_SETTINGS,
    hasShortcuts: false,
    quickReplies: ['Go on.'],
    personas: [{ id: 'p', name: 'n', systemPrompt: 's', parameters: {}, adapter: null }],
  });
  for (const nothing of [null, 7, 'x', []]) expect(readSettings(nothing)).toEqual(DEFAULT_SETTINGS);
});
