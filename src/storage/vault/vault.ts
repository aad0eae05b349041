import { SottoError } from '../../shared/index.ts';
import { type IdbRecordStore, PLAIN_CODEC } from '../records/index.ts';
import { createKey, openKey, readHeader, rewrap, type VaultHeader } from './passphrase.ts';
import { createSealedCodec, LOCKED_CODEC } from './sealed-codec.ts';

const META = 'vault';

export type VaultState = 'off' | 'locked' | 'open';

/** The lock over a person's records. Nothing of the passphrase is kept anywhere. */
export interface Vault {
  readonly state: VaultState;
  /** Seals everything that is there. Broken off, it goes on at the next unlock. */
  switchOn(passphrase: string): Promise<void>;
  unlock(passphrase: string): Promise<void>;
  changePassphrase(passphrase: string, next: string): Promise<void>;
  /** Writes everything back in the clear. */
  switchOff(passphrase: string): Promise<void>;
}

/** The vault of a record store; `locked` where one was switched on. Must be asked before any record is read. */
export async function openVault(records: IdbRecordStore): Promise<Vault> {
  let header: VaultHeader | null = null;
  let state: VaultState = 'off';
  const stored = await records.readMeta(META);
  if (stored !== undefined) {
    state = 'locked';
    records.useCodec(LOCKED_CODEC);
  }
  /** Read when it is needed: a damaged header must not keep the page from saying so. */
  const current = (): VaultHeader => {
    if (state === 'off' || (header === null && stored === undefined)) {
      throw new SottoError('vault-locked', 'There is no vault here.');
    }
    header ??= readHeader(stored);
    return header;
  };
  const write = async (next: VaultHeader) => {
    await records.writeMeta(META, next);
    header = next;
  };
  const seal = async (key: CryptoKey) => {
    await records.rewrite(createSealedCodec(key, true), createSealedCodec(key, true));
    await write({ ...current(), state: 'sealed' });
    records.useCodec(createSealedCodec(key, false));
  };
  const unseal = async (key: CryptoKey) => {
    await write({ ...current(), state: 'opening' });
    await records.rewrite(createSealedCodec(key, true), PLAIN_CODEC);
    await records.writeMeta(META, undefined);
    records.useCodec(PLAIN_CODEC);
    header = null;
    state = 'off';
  };
  return {
    get state() {
      return state;
    },
    async switchOn(passphrase) {
      if (state !== 'off') throw new SottoError('vault-locked', 'There is a vault already.');
      const made = await createKey(passphrase, 'sealing');
      // The header first: a record that was sealed without it could never be opened again.
      await write(made.header);
      state = 'open';
      records.useCodec(createSealedCodec(made.key, true));
      await seal(made.key);
    },
    async unlock(passphrase) {
      const key = await openKey(current(), passphrase);
      state = 'open';
      const isWhole = current().state === 'sealed';
      records.useCodec(createSealedCodec(key, !isWhole));
      if (current().state === 'sealing') await seal(key);
      else if (current().state === 'opening') await unseal(key);
    },
    async changePassphrase(passphrase, next) {
      await write(await rewrap(current(), passphrase, next));
    },
    async switchOff(passphrase) {
      await unseal(await openKey(current(), passphrase));
    },
  };
}
