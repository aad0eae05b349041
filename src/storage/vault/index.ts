export { createBackup, readBackup } from './backup.ts';
export { answerForKey, threadCodec } from './key-exchange.ts';
export { LEAST_CHARACTERS } from './passphrase.ts';
export { openVault, type Vault, type VaultFindings, type VaultState } from './vault.ts';
