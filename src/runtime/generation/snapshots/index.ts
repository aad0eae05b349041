export { engineName } from './engine-name.ts';
export { modelFingerprint } from './model-fingerprint.ts';
export { ModelSnapshots, type OpenSnapshots } from './model-snapshots.ts';
