export { modelFingerprint, sha256OfText } from './model-fingerprint.ts';
export { ModelSnapshots, type OpenSnapshots } from './model-snapshots.ts';
