import type { SottoError } from '../../shared/index.ts';

/** Where the header lies in the database's own facts. */
export const VAULT_META = 'vault';

export type VaultState = 'off' | 'locked' | 'open';

export interface VaultFindings {
  /** Records that are missing, older than the last writing, moved or changed. */
  readonly records: number;
  /** Why the list of what the vault holds could not be trusted; null where it could. */
  readonly error: SottoError | null;
}

/** The lock over a person's records. Nothing of the passphrase is kept anywhere. */
export interface Vault {
  readonly state: VaultState;
  /** The data key while the vault is open: it cannot be read out of the browser, only used. */
  readonly key: CryptoKey | null;
  /** What was found at the unlock, and since: tampering that the vault can tell, though not undo. */
  readonly findings: VaultFindings;
  /** Told when the findings change. */
  onFinding(listener: () => void): void;
  /** Seals everything that is there. Broken off, it goes on at the next unlock. */
  switchOn(passphrase: string): Promise<void>;
  unlock(passphrase: string): Promise<void>;
  changePassphrase(passphrase: string, next: string): Promise<void>;
  /** Writes everything back in the clear. */
  switchOff(passphrase: string): Promise<void>;
}
