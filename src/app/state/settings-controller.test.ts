import { expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../../storage/settings/index.ts';
import { createSettingsController } from './settings-controller.ts';

const persona = { id: 'p', name: 'Editor', systemPrompt: 'Be brief.', parameters: {}, adapter: null };

/** A disk that is read and written when the test says so; `tell`: another tab changed something. */
function setUp(kept: Settings) {
  let disk = kept;
  const waiting: (() => void)[] = [];
  const held = <Value>(value: () => Value) =>
    new Promise<Value>((resolve) => {
      const now = value();
      waiting.push(() => resolve(now));
    });
  let tell = () => {};
  const store: SettingsStore = {
    read: () => held(() => disk),
    save: (settings) =>
      held(() => {
        disk = settings;
      }),
    onRemoteChange: (listener) => {
      tell = listener;
      return () => {};
    },
  };
  const settle = async () => {
    for (const end of waiting.splice(0)) end();
    await new Promise((resolve) => setTimeout(resolve));
    if (waiting.length > 0) await settle();
  };
  return { controller: createSettingsController(store), disk: () => disk, settle, tell: () => tell() };
}

it('a change that is made before the settings were read keeps all others', async () => {
  const { controller, disk, settle } = setUp({ ...DEFAULT_SETTINGS, personas: [persona], sendWith: 'control-enter' });
  void controller.load();
  controller.change({ naming: 'question' });
  expect(controller.settings.value.naming, 'seen at once').toBe('question');
  await settle();
  const whole = { ...DEFAULT_SETTINGS, personas: [persona], sendWith: 'control-enter', naming: 'question' };
  expect([controller.settings.value, disk()]).toEqual([whole, whole]);
});

it('a reading that another tab asked for takes back nothing that was changed meanwhile', async () => {
  const { controller, disk, settle, tell } = setUp(DEFAULT_SETTINGS);
  tell();
  controller.change({ naming: 'question' });
  tell();
  controller.change({ hasShortcuts: false });
  await settle();
  expect(disk()).toMatchObject({ naming: 'question', hasShortcuts: false });
  expect(controller.settings.value).toEqual(disk());
});

it('a change that cannot be written holds, and says why, until one can be', async () => {
  const save = vi.fn(async () => {});
  save.mockRejectedValueOnce(new Error('full'));
  const controller = createSettingsController({
    read: async () => DEFAULT_SETTINGS,
    save,
    onRemoteChange: () => () => {},
  });
  controller.change({ naming: 'question' });
  await vi.waitFor(() => expect(controller.failure.value).toMatchObject({ message: 'full' }));
  await controller.load();
  expect(controller.settings.value.naming).toBe('question');
  controller.change({ hasShortcuts: false });
  await vi.waitFor(() => expect(controller.failure.value).toBeNull());
  expect(save).toHaveBeenLastCalledWith({ ...DEFAULT_SETTINGS, naming: 'question', hasShortcuts: false });
});
