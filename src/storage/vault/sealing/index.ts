export { createBackup, readBackup } from './backup.ts';
export { createVault } from './create-vault.ts';
export type { GenerationAnchor } from './ledger.ts';
export { LEAST_CHARACTERS } from './passphrase.ts';
export { createSealedCodec } from './sealed-codec.ts';
