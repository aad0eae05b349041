export { answerForKey } from './answer-for-key.ts';
export { hasVault } from './has-vault.ts';
export { openVault } from './open-vault.ts';
export { threadCodec } from './thread-codec.ts';
export type { Vault, VaultFindings, VaultState } from './vault.ts';
