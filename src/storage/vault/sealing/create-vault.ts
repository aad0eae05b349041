import { SottoError } from '../../../shared/index.ts';
import { type IdbRecordStore, PLAIN_CODEC } from '../../records/index.ts';
import { VAULT_META, type Vault, type VaultState } from '../vault.ts';
import { storedGeneration } from './generation-anchor.ts';
import { type GenerationAnchor, LEDGER_KEYS, nameOf, openLedger, rebuildLedger, type VaultLedger } from './ledger.ts';
import { createKey, openKey, readHeader, rewrap, type VaultHeader } from './passphrase.ts';
import { createSealedCodec } from './sealed-codec.ts';

/** The vault itself, over the header that was stored (undefined: there is none yet). */
export function createVault(
  records: IdbRecordStore,
  stored: unknown,
  anchor: GenerationAnchor = storedGeneration,
): Vault {
  let header: VaultHeader | null = null;
  let state: VaultState = stored === undefined ? 'off' : 'locked';
  let dataKey: CryptoKey | null = null;
  /** Read when it is needed: a damaged header must not keep the page from saying so. */
  const current = (): VaultHeader => {
    if (state === 'off' || (header === null && stored === undefined)) {
      throw new SottoError('vault-locked', 'There is no vault here.');
    }
    header ??= readHeader(stored);
    return header;
  };
  const write = async (next: VaultHeader) => {
    await records.writeMeta(VAULT_META, next);
    header = next;
  };
  const refused = new Set<string>();
  let missing = 0;
  let ledgerError: SottoError | null = null;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  records.onRefused((record) => {
    refused.add(nameOf(record));
    tell();
  });
  const seal = async (key: CryptoKey) => {
    await records.rewrite(createSealedCodec(key, true), createSealedCodec(key, true));
    const codec = createSealedCodec(key, false);
    const ledger = await rebuildLedger(records, codec, anchor);
    await write({ ...current(), state: 'sealed' });
    records.useCodec(codec, ledger);
  };
  /** Compares what is there with what was written last. What cannot be trusted is said, and taken as it is from now on. */
  const audit = async (key: CryptoKey) => {
    const codec = createSealedCodec(key, false);
    let ledger: VaultLedger;
    try {
      ledger = await openLedger(records, codec, anchor);
      missing = ledger.countMissing(new Set((await records.keys()).map(([kind, id]) => nameOf({ kind, id }))));
    } catch (error) {
      if (!SottoError.isInstance(error) || error.code !== 'vault-damaged') throw error;
      ledgerError = error;
      ledger = await rebuildLedger(records, codec, anchor);
    }
    records.useCodec(codec, ledger);
  };
  const unseal = async (key: CryptoKey) => {
    await write({ ...current(), state: 'opening' });
    await records.rewrite(createSealedCodec(key, true), PLAIN_CODEC);
    await records.writeMeta(VAULT_META, undefined);
    for (const name of LEDGER_KEYS) await records.writeMeta(name, undefined);
    records.useCodec(PLAIN_CODEC);
    header = null;
    dataKey = null;
    state = 'off';
  };
  return {
    get state() {
      return state;
    },
    get key() {
      return dataKey;
    },
    async switchOn(passphrase) {
      if (state !== 'off') throw new SottoError('vault-locked', 'There is a vault already.');
      const made = await createKey(passphrase, 'sealing');
      // The header first: a record that was sealed without it could never be opened again.
      await write(made.header);
      state = 'open';
      dataKey = made.key;
      records.useCodec(createSealedCodec(made.key, true));
      await seal(made.key);
    },
    async unlock(passphrase) {
      const key = await openKey(current(), passphrase);
      state = 'open';
      dataKey = key;
      const { version, state: before } = current();
      records.useCodec(createSealedCodec(key, before !== 'sealed'));
      if (before === 'sealing') await seal(key);
      else if (before === 'opening') await unseal(key);
      else if (version > 1) await audit(key);
      else {
        // Made before there were ledgers.
        records.useCodec(
          createSealedCodec(key, false),
          await rebuildLedger(records, createSealedCodec(key, false), anchor),
        );
        await write(await rewrap(current(), passphrase, passphrase));
      }
    },
    get findings() {
      return { records: missing + refused.size, error: ledgerError };
    },
    onFinding: (listener) => void listeners.add(listener),
    async changePassphrase(passphrase, next) {
      await write(await rewrap(current(), passphrase, next));
    },
    async switchOff(passphrase) {
      await unseal(await openKey(current(), passphrase));
    },
  };
}
