import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { isPermitted } from '../../policy/index.ts';
import { LEAST_CHARACTERS } from '../../storage/vault/sealing/index.ts';
import { useApp } from '../app-context.ts';
import { saveFile } from '../pages/index.ts';
import { TEXT } from '../text.ts';
import { SealIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';
import { Passphrase } from './passphrase-field.tsx';

const text = TEXT.vault;

type Form = 'none' | 'on' | 'change' | 'off' | 'backup' | 'restore';

/** The vault: on, off, another passphrase, and the encrypted backup. */
export function VaultSection(): VNode {
  const { vault, settings, policy } = useApp();
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
              {isPermitted(policy, 'openVault') && (
                <button type="button" onClick={choose('off')}>
                  {text.switchOff}
                </button>
              )}
            </>
          )}
          {policy.features.export && (
            <button type="button" onClick={choose('backup')}>
              {text.backup}
            </button>
          )}
          {policy.features.import && (
            <button type="button" onClick={choose('restore')}>
              {text.restore}
            </button>
          )}
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
  /** Absent: there is no way around it. */
  readonly onCancel?: () => void;
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
        {onCancel !== undefined && (
          // What is being done cannot be taken back: closed before its end, the form would look as if it had been.
          <button type="button" onClick={onCancel} disabled={vault.isBusy.value}>
            {TEXT.conversation.cancel}
          </button>
        )}
      </div>
    </form>
  );
}

/** The site keeps nothing in the clear: a passphrase comes before the first chat. */
export function RequiredVault(): VNode {
  const { vault, policy, refusal } = useApp();
  const failure = vault.failure.value ?? refusal.value;
  return (
    <main class="locked">
      <section class="card">
        <h2>
          <SealIcon /> {TEXT.policy.vaultTitle}
        </h2>
        <p class="muted">{TEXT.policy.vaultNote(policy.organisation)}</p>
        <PassphraseForm form="on" onDone={() => {}} />
        {failure !== null && <FailureText failure={failure} />}
        <p role="status">{vault.isBusy.value ? text.working : ''}</p>
      </section>
    </main>
  );
}
