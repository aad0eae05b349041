import type { IdbRecordStore } from '../records/index.ts';
import { LOCKED_CODEC } from './locked-codec.ts';
import type { GenerationAnchor } from './sealing/index.ts';
import { VAULT_META, type Vault } from './vault.ts';

/**
 * The vault of a record store; `locked` where one was switched on. Must be asked before any record is read. What it does comes
 * with the first passphrase: a page without a vault carries none of it.
 */
export async function openVault(records: IdbRecordStore, anchor?: GenerationAnchor): Promise<Vault> {
  const stored = await records.readMeta(VAULT_META);
  if (stored !== undefined) records.useCodec(LOCKED_CODEC);
  const listeners = new Set<() => void>();
  let vault: Vault | undefined;
  const made = async (): Promise<Vault> => {
    const { createVault } = await import('./sealing/index.ts');
    if (vault === undefined) {
      vault = createVault(records, stored, anchor);
      for (const listener of listeners) vault.onFinding(listener);
    }
    return vault;
  };
  return {
    get state() {
      return vault?.state ?? (stored === undefined ? 'off' : 'locked');
    },
    get key() {
      return vault?.key ?? null;
    },
    get findings() {
      return vault?.findings ?? { records: 0, error: null };
    },
    onFinding(listener) {
      listeners.add(listener);
      vault?.onFinding(listener);
    },
    switchOn: async (passphrase) => (await made()).switchOn(passphrase),
    unlock: async (passphrase) => (await made()).unlock(passphrase),
    changePassphrase: async (passphrase, next) => (await made()).changePassphrase(passphrase, next),
    switchOff: async (passphrase) => (await made()).switchOff(passphrase),
  };
}
