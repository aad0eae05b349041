import type { RecordStore } from '../records/index.ts';
import { DEFAULT_SETTINGS, readSettings, SETTINGS_VERSION, type Settings } from './settings.ts';

const KIND = 'settings';
const ID = 'all';

export interface SettingsStore {
  /** The defaults where nothing was chosen, or where a newer version wrote. */
  read(): Promise<Settings>;
  save(settings: Settings): Promise<void>;
  onRemoteChange(listener: () => void): () => void;
}

export function createSettingsStore(records: RecordStore): SettingsStore {
  return {
    async read() {
      const record = await records.read(KIND, ID);
      return record === undefined || record.version > SETTINGS_VERSION ? DEFAULT_SETTINGS : readSettings(record.value);
    },
    save: (settings) => records.write([{ kind: KIND, id: ID, version: SETTINGS_VERSION, value: settings }]),
    onRemoteChange: (listener) =>
      records.onRemoteChange((changes) => {
        if (changes.some(({ kind }) => kind === KIND || kind === '*')) listener();
      }),
  };
}
