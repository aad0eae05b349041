import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { SealIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';
import { Passphrase } from './passphrase-field.tsx';

const text = TEXT.vault;

/** What is seen while the vault is locked: the way in, and nothing else. */
export function LockedScreen(): VNode {
  const { vault } = useApp();
  const passphrase = useSignal('');
  const unlock = async () => {
    if (await vault.unlock(passphrase.value)) passphrase.value = '';
  };
  return (
    <main class="locked">
      <form
        class="card fields"
        onSubmit={(event) => {
          event.preventDefault();
          void unlock();
        }}
      >
        <h2>
          <SealIcon /> {text.lockedTitle}
        </h2>
        <p class="muted">{text.lockedNote}</p>
        <Passphrase label={text.passphrase} value={passphrase} kind="current-password" />
        {vault.failure.value !== null && <FailureText failure={vault.failure.value} />}
        <button type="submit" class="primary" aria-disabled={vault.isBusy.value}>
          {text.unlock}
        </button>
        <p role="status">{vault.isBusy.value ? text.working : ''}</p>
      </form>
    </main>
  );
}
