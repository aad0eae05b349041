import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { LEAST_CHARACTERS } from '../../storage/vault/index.ts';
import { useApp } from '../app-context.ts';
import { saveFile } from '../exchange/index.ts';
import { TEXT } from '../text.ts';
import { SealIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';

const text = TEXT.vault;

type Form = 'none' | 'on' | 'change' | 'off' | 'backup' | 'restore';

/** The vault: on, off, another passphrase, and the encrypted backup. */
export function VaultSection(): VNode {
  const { vault, settings } = useApp();
  const form = useSignal<Form>('none');
  const outcome = useSignal('');
  const state = vault.state.value;
  const choose = (next: Form) => () => {
    outcome.value = '';
    form.value = next;
  };
  const done = (words: string) => {
    outcome.value = words;
    form.value = 'none';
  };
  if (state === 'unavailable') return <p class="muted">{text.unavailable}</p>;
  return (
    <>
      <p>{state === 'open' ? text.isOn : text.isOff}</p>
      {form.value === 'none' && (
        <div class="buttons">
          {state === 'off' && (
            <button type="button" onClick={choose('on')}>
              {text.switchOn}
            </button>
          )}
          {state === 'open' && (
            <>
              <button type="button" class="primary" onClick={vault.lock}>
                {text.lock}
              </button>
              <button type="button" onClick={choose('change')}>
                {text.change}
              </button>
              <button type="button" onClick={choose('off')}>
                {text.switchOff}
              </button>
            </>
          )}
          <button type="button" onClick={choose('backup')}>
            {text.backup}
          </button>
          <button type="button" onClick={choose('restore')}>
            {text.restore}
          </button>
        </div>
      )}
      {state === 'open' && form.value === 'none' && (
        <label class="fields">
          {text.lockAfter}
          <input
            type="number"
            min={0}
            max={1440}
            value={settings.settings.value.lockAfterMinutes}
            onChange={({ currentTarget }) => {
              const minutes = Math.round(currentTarget.valueAsNumber);
              if (minutes >= 0 && minutes <= 1440) settings.change({ lockAfterMinutes: minutes });
            }}
          />
        </label>
      )}
      {form.value !== 'none' && <PassphraseForm form={form.value} onDone={done} onCancel={choose('none')} />}
      {vault.failure.value !== null && <FailureText failure={vault.failure.value} />}
      <p role="status">{vault.isBusy.value ? text.working : outcome.value}</p>
    </>
  );
}

interface PassphraseFormProps {
  readonly form: Exclude<Form, 'none'>;
  readonly onDone: (words: string) => void;
  readonly onCancel: () => void;
}

function PassphraseForm({ form, onDone, onCancel }: PassphraseFormProps): VNode {
  const { vault } = useApp();
  const current = useSignal('');
  const next = useSignal('');
  const again = useSignal('');
  const file = useRef<HTMLInputElement>(null);
  const asksCurrent = form === 'change' || form === 'off' || form === 'restore';
  const asksNew = form === 'on' || form === 'change' || form === 'backup';
  const isShort = asksNew && [...next.value].length < LEAST_CHARACTERS;
  const isDifferent = asksNew && next.value !== again.value;

  const submit = async () => {
    if (isShort || isDifferent || vault.isBusy.value) return;
    if (form === 'on' && (await vault.switchOn(next.value))) onDone(text.switchedOn);
    if (form === 'change' && (await vault.changePassphrase(current.value, next.value))) onDone(text.changed);
    if (form === 'off' && (await vault.switchOff(current.value))) onDone(text.switchedOff);
    if (form === 'backup') {
      const content = await vault.backup(next.value);
      if (content === null) return;
      saveFile('sotto-backup.json', 'application/json', content);
      onDone(text.backedUp);
    }
    const chosen = file.current?.files?.[0];
    if (form === 'restore' && chosen !== undefined) {
      const count = await vault.restore(chosen, current.value);
      // What was read before is not what is stored now.
      if (count !== null) location.reload();
    }
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {form === 'restore' && (
        <label>
          {text.file}
          <input ref={file} type="file" accept=".json,application/json" required />
        </label>
      )}
      {asksCurrent && <Passphrase label={text.passphrase} value={current} kind="current-password" />}
      {asksNew && <Passphrase label={text.newPassphrase} value={next} kind="new-password" />}
      {asksNew && <Passphrase label={text.again} value={again} kind="new-password" />}
      {asksNew && (
        <p class="muted small">
          {isShort ? text.short(LEAST_CHARACTERS) : isDifferent ? text.different : text.forgotten}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={isShort || isDifferent || vault.isBusy.value}>
          {text.submit[form]}
        </button>
        <button type="button" onClick={onCancel}>
          {TEXT.conversation.cancel}
        </button>
      </div>
    </form>
  );
}

interface PassphraseProps {
  readonly label: string;
  readonly value: { value: string };
  readonly kind: 'current-password' | 'new-password';
}

function Passphrase({ label, value, kind }: PassphraseProps): VNode {
  return (
    <label>
      {label}
      <input
        type="password"
        dir="auto"
        autocomplete={kind}
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
      />
    </label>
  );
}

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
