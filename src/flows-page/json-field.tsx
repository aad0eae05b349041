import { useState } from 'preact/hooks';
import { TEXT } from './text.ts';

interface JsonFieldProps {
  readonly label: string;
  readonly value: unknown;
  readonly rows?: number;
  /** `undefined`: the field is empty. */
  readonly onChange: (value: unknown) => void;
  /** Told whether what stands there is no JSON; the value is left as it was. */
  readonly onBad: (isBad: boolean) => void;
}

/** JSON to be typed: what is half written stays as it is, and counts when it is whole. */
export function JsonField({ label, value, rows = 2, onChange, onBad }: JsonFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [isBad, setBad] = useState(false);
  const shown = typed ?? (value === undefined ? '' : JSON.stringify(value, null, rows > 1 ? 1 : undefined));
  return (
    <label>
      {label}
      <textarea
        rows={rows}
        spellcheck={false}
        value={shown}
        aria-invalid={isBad}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          try {
            const next: unknown = text.trim() === '' ? undefined : JSON.parse(text);
            setBad(false);
            onBad(false);
            onChange(next);
          } catch {
            setBad(true);
            onBad(true);
          }
        }}
        // Left whole, it is shown as it is understood.
        onBlur={() => isBad || setTyped(null)}
      />
      {isBad ? <span class="error">{TEXT.badJson}</span> : null}
    </label>
  );
}
