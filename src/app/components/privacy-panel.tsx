import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isPermitted } from '../../policy/index.ts';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { DeleteAll } from './delete-all.tsx';
import { Dialog } from './dialog.tsx';
import { RequestAccount } from './request-account.tsx';
import { VaultSection } from './vault-section.tsx';

const text = TEXT.privacy;

/** What is kept where, what was sent, and what not to trust: stated from counts, not from intentions. */
export function PrivacyPanel(): VNode {
  const { panel, policy } = useApp();
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        panel.value = null;
      }}
    >
      <p>{text.lead}</p>
      <Sent />
      <RequestAccount />
      <Stored />
      <section class="panel-section">
        <h3>{TEXT.vault.title}</h3>
        <VaultSection />
      </section>
      <section class="panel-section">
        <h3>{text.wrongTitle}</h3>
        <p>{text.wrong}</p>
        {isPermitted(policy, 'file') && <p class="muted">{TEXT.model.larger}</p>}
      </section>
      <DeleteAll />
    </Dialog>
  );
}

function Sent(): VNode {
  const { network } = useApp();
  const { since, count, latest, coverage } = network.value;
  return (
    <section class="panel-section">
      <h3>{text.sentTitle}</h3>
      <p class="figures">{since === null ? text.notCounting : text.counted(count, since)}</p>
      {latest.length > 0 && (
        <ul class="addresses">
          {latest.map((address, index) => (
            <li key={index}>{address}</li>
          ))}
        </ul>
      )}
      {since !== null && (
        <p class="muted small">
          {coverage === 'all' ? text.coverageAll : text.coveragePage} {text.updateCheck}
        </p>
      )}
    </section>
  );
}

function Stored(): VNode {
  const { model, shell } = useApp();
  const stored = model.stored.value.filter(({ storedBytes }) => storedBytes > 0);
  const storage = useStorage(stored.length);
  return (
    <section class="panel-section">
      <h3>{text.storedTitle}</h3>
      <ul class="plain-list">
        {stored.length === 0 && <li>{text.storedNone}</li>}
        {stored.map(({ id, name, storedBytes }) => (
          <li key={id} class="figures">
            {text.storedModel(name, storedBytes)}
          </li>
        ))}
        <li>{text.storedShell(shell.state.value.kind !== 'absent')}</li>
        <Written />
      </ul>
      {storage !== null && (
        <p class="muted small">
          {text.usage(storage.usage)} {storage.isPersistent ? text.persistent : text.evictable}
        </p>
      )}
      {storage?.isPersistent === false && (
        <button type="button" onClick={storage.persist}>
          {text.persist}
        </button>
      )}
    </section>
  );
}

/** What a person has written and brought in, and what models keep of it. Locked in the vault, it cannot be counted. */
function Written(): VNode {
  const { engine, library, documents, settings, vault } = useApp();
  const { keepsReadings } = settings.settings.value;
  const isLocked = vault.state.value === 'locked';
  const [readings, setReadings] = useState<readonly { readonly bytes: number }[]>([]);
  useEffect(() => {
    // That what is kept cannot be listed is told where it is kept.
    if (keepsReadings && !isLocked) engine.sessions.list().then(setReadings, () => {});
  }, [engine, keepsReadings, isLocked]);
  if (isLocked) return <li>{TEXT.vault.lockedNote}</li>;
  const count = documents.documents.value.length;
  return (
    <>
      <li>{text.storedChats(library.store.medium === 'memory' ? 0 : library.chats.value.length)}</li>
      {count > 0 && <li>{text.storedDocuments(count)}</li>}
      {readings.length > 0 && (
        <li class="figures">
          {text.storedReadings(
            readings.length,
            readings.reduce((sum, { bytes }) => sum + bytes, 0),
          )}
        </li>
      )}
    </>
  );
}

interface StorageReport {
  readonly usage: number;
  readonly isPersistent: boolean;
  readonly persist: () => void;
}

/** What the browser says about this site's storage; null where it says nothing. */
function useStorage(changes: number): StorageReport | null {
  const [report, setReport] = useState<StorageReport | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const read = async () => {
      const [{ usage = 0 }, isPersistent] = await Promise.all([
        navigator.storage.estimate(),
        navigator.storage.persisted(),
      ]);
      if (isCurrent) setReport({ usage, isPersistent, persist: () => void navigator.storage.persist().then(read) });
    };
    // Outside of secure contexts there is no storage manager: then nothing is said.
    if ('storage' in navigator) read().catch(() => {});
    return () => {
      isCurrent = false;
    };
  }, [changes]);
  return report;
}
