import { TEXT } from '../text.ts';

interface LabelSelectProps {
  readonly text: string;
  readonly labels: readonly string[];
  readonly value: string;
  readonly onChoose: (label: string) => void;
}

/** The label of a row, to be put right; the empty one leaves the row out. */
export function LabelSelect({ text, labels, value, onChoose }: LabelSelectProps) {
  return (
    <select
      aria-label={TEXT.labelOf(text.slice(0, 80))}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {labels.map((label) => (
        <option key={label} value={label}>
          {label}
        </option>
      ))}
      <option value="">{TEXT.leaveOut}</option>
    </select>
  );
}
