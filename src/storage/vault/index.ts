export { createBackup, readBackup } from './backup.ts';
export { LEAST_CHARACTERS } from './passphrase.ts';
export { openVault, type Vault, type VaultFindings, type VaultState } from './vault.ts';
