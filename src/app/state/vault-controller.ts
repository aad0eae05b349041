import { type ReadonlySignal, signal } from '@preact/signals';
import type { IdbRecordStore, StoredRecord } from '../../storage/records/index.ts';
import type { Vault, VaultState } from '../../storage/vault/index.ts';
import { type Failure, toFailure } from './failure.ts';

export interface VaultController {
  /** `unavailable`: the browser keeps nothing here, so there is nothing to lock. */
  readonly state: ReadonlySignal<VaultState | 'unavailable'>;
  /** A key is being derived or records are being rewritten: seconds, on purpose. */
  readonly isBusy: ReadonlySignal<boolean>;
  readonly failure: ReadonlySignal<Failure | null>;
  /** Records that somebody else changed, removed or put back. */
  readonly tampered: ReadonlySignal<number>;
  switchOn(passphrase: string): Promise<boolean>;
  unlock(passphrase: string): Promise<boolean>;
  changePassphrase(passphrase: string, next: string): Promise<boolean>;
  switchOff(passphrase: string): Promise<boolean>;
  /** Forgets key and texts: the page starts anew, in every tab. */
  lock(): void;
  /** All records as one encrypted file, or null where that failed. */
  backup(passphrase: string): Promise<string | null>;
  /** Adds what a backup holds and is not here; the number of records added, or null where that failed. */
  restore(file: Blob, passphrase: string): Promise<number | null>;
}

export interface VaultOptions {
  readonly vault: Vault | null;
  readonly records: IdbRecordStore | null;
  /** Everything that waits is on the disk when it settles. */
  readonly settled: () => Promise<void>;
  /** Throws `blocked-by-policy` where the site wants a passphrase, or lets no backup out or in. */
  readonly permit?: (what: 'openVault' | 'export' | 'import') => void;
  readonly reload: () => void;
  /** Deletes what models have read and keep: it lies as it was written, sealed or not. It is read again by itself. */
  readonly forgetReadings: () => Promise<void>;
}

/** Kinds of records that a backup holds. */
const KINDS = ['chat', 'message', 'draft', 'settings', 'document', 'document-text', 'document-vectors'];

const CHANNEL = 'sotto-vault';

export function createVaultController({
  vault,
  records,
  settled,
  permit,
  reload,
  forgetReadings,
}: VaultOptions): VaultController {
  const state = signal<VaultState | 'unavailable'>(vault?.state ?? 'unavailable');
  const isBusy = signal(false);
  const failure = signal<Failure | null>(null);
  const tampered = signal(0);
  vault?.onFinding(() => {
    tampered.value = vault.findings.records;
  });
  const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : undefined;
  // Another tab locked, or changed how records lie on the disk: this one would read them wrongly.
  tabs?.addEventListener('message', reload);

  const attempt = async <T>(work: (vault: Vault, records: IdbRecordStore) => Promise<T>): Promise<T | null> => {
    if (vault === null || records === null || isBusy.value) return null;
    isBusy.value = true;
    failure.value = null;
    try {
      await settled();
      return await work(vault, records);
    } catch (error) {
      failure.value = toFailure(error);
      return null;
    } finally {
      state.value = vault.state;
      isBusy.value = false;
    }
  };
  const succeeded = async (work: (vault: Vault) => Promise<void>, tellsTabs = false): Promise<boolean> => {
    const isDone = (await attempt((known) => work(known).then(() => true))) === true;
    if (isDone && tellsTabs) tabs?.postMessage('changed');
    return isDone;
  };
  /** Before, so that nothing readable stays; after, for what was being kept meanwhile. */
  const withoutReadings = async (work: () => Promise<void>) => {
    await forgetReadings();
    await work();
    await forgetReadings();
  };
  return {
    state,
    isBusy,
    failure,
    tampered,
    switchOn: (passphrase) => succeeded((known) => withoutReadings(() => known.switchOn(passphrase)), true),
    async unlock(passphrase) {
      const isOpen = await succeeded((known) => known.unlock(passphrase));
      const { records: count = 0, error = null } = vault?.findings ?? {};
      tampered.value = count;
      // Said, and no reason to keep a person from what is theirs.
      if (error !== null) failure.value = toFailure(error);
      return isOpen;
    },
    changePassphrase: (passphrase, next) => succeeded((known) => known.changePassphrase(passphrase, next)),
    switchOff: (passphrase) =>
      succeeded(async (known) => {
        permit?.('openVault');
        await withoutReadings(() => known.switchOff(passphrase));
      }, true),
    lock() {
      void settled().then(() => {
        tabs?.postMessage('locked');
        reload();
      });
    },
    backup: (passphrase) =>
      attempt(async (_, store) => {
        permit?.('export');
        const all = await Promise.all(KINDS.map((kind) => store.list(kind)));
        const { createBackup } = await import('../../storage/vault/sealing/index.ts');
        // What the browser itself can no longer read has no value to back up.
        return createBackup(
          all.flat().filter(({ value }) => value !== undefined),
          passphrase,
        );
      }),
    restore: (file, passphrase) =>
      attempt(async (_, store) => {
        permit?.('import');
        const { readBackup } = await import('../../storage/vault/sealing/index.ts');
        const changes = await readBackup(file, passphrase);
        const known = await Promise.all(KINDS.map((kind) => store.list(kind)));
        const names = new Set(known.flat().map(nameOf));
        const fresh = changes.filter((change) => KINDS.includes(change.kind) && !names.has(nameOf(change)));
        if (fresh.length > 0) await store.write(fresh);
        return fresh.length;
      }),
  };
}

function nameOf({ kind, id }: Pick<StoredRecord, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}
