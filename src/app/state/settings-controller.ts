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
  /** What was changed here and is not on the disk yet: a reading that comes later does not take it back. */
  let unwritten: Partial<Settings> = {};
  let turn: Promise<void> = Promise.resolve();
  /** Readings and writings one after the other: a change that was made before all was read must not write over the rest. */
  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(work).catch((error: unknown) => {
      failure.value = toFailure(error);
    });
    return turn;
  };
  const load = () =>
    inTurn(async () => {
      settings.value = { ...(await store.read()), ...unwritten };
    });
  store.onRemoteChange(() => void load());
  return {
    settings,
    failure,
    load,
    change(change) {
      unwritten = { ...unwritten, ...change };
      settings.value = { ...settings.value, ...change };
      void inTurn(async () => {
        const written = unwritten;
        await store.save(settings.value);
        if (unwritten === written) unwritten = {};
        failure.value = null;
      });
    },
  };
}
