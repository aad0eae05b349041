import { type ReadonlySignal, signal } from '@preact/signals';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../../storage/settings/index.ts';
import { type Failure, toFailure } from './failure.ts';

/** What the person chose for the whole app. Every change is written at once. */
export interface SettingsController {
  readonly settings: ReadonlySignal<Settings>;
  /** Why the last change could not be written, or null. It holds until the page closes. */
  readonly failure: ReadonlySignal<Failure | null>;
  load(): Promise<void>;
  change(change: Partial<Settings>): void;
}

export function createSettingsController(store: SettingsStore): SettingsController {
  const settings = signal<Settings>(DEFAULT_SETTINGS);
  const failure = signal<Failure | null>(null);
  const load = async () => {
    try {
      settings.value = await store.read();
    } catch (error) {
      failure.value = toFailure(error);
    }
  };
  store.onRemoteChange(() => void load());
  return {
    settings,
    failure,
    load,
    change(change) {
      settings.value = { ...settings.value, ...change };
      store.save(settings.value).then(
        () => {
          failure.value = null;
        },
        (error: unknown) => {
          failure.value = toFailure(error);
        },
      );
    },
  };
}
