export { DEFAULT_SETTINGS, type Persona, type Settings } from './settings.ts';
export { createSettingsStore, type SettingsStore } from './settings-store.ts';
