import type { VNode } from 'preact';

interface PassphraseProps {
  readonly label: string;
  readonly value: { value: string };
  readonly kind: 'current-password' | 'new-password';
}

/** Where a passphrase is typed; what it holds belongs to the form. */
export function Passphrase({ label, value, kind }: PassphraseProps): VNode {
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
