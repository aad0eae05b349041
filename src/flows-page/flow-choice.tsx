import type { FlowState } from './flow-state.ts';
import { TEXT } from './text.ts';

interface ChoiceProps {
  readonly label: string;
  readonly flows: FlowState;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  /** What stands before the flows. */
  readonly empty?: string;
}

/** One of the product's flows, or of one's own. */
export function FlowChoice({ label, flows, value, onChoose, empty }: ChoiceProps) {
  const { product, own } = flows.choices.value;
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {empty === undefined ? null : <option value="">{empty}</option>}
        {own.length === 0 ? null : (
          <optgroup label={TEXT.own}>
            {own.map((one) => (
              <option key={one.value} value={one.value}>
                {one.name}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label={TEXT.product}>
          {product.map((one) => (
            <option key={one.value} value={one.value}>
              {one.name}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}
