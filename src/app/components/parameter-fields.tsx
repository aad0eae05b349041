import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { ChatParameters } from '../../storage/chats/index.ts';
import { TEXT } from '../text.ts';

const text = TEXT.chatSettings;

interface Field {
  readonly name: keyof ChatParameters;
  readonly label: string;
  readonly hint?: string;
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
}

const FIELDS: readonly Field[] = [
  { name: 'temperature', label: text.temperature, hint: text.temperatureHint, least: 0, most: 2 },
  { name: 'topP', label: text.topP, least: 0, most: 1 },
  { name: 'topK', label: text.topK, least: 0, most: 1_000_000, isWhole: true },
  { name: 'minP', label: text.minP, least: 0, most: 1 },
  { name: 'repetitionPenalty', label: text.repetitionPenalty, least: 0.01, most: 10 },
  { name: 'maxTokens', label: text.maxTokens, least: 1, most: 1_000_000, isWhole: true },
  { name: 'seed', label: text.seed, hint: text.seedHint, least: 0, most: 2 ** 32 - 1, isWhole: true },
];

interface ParameterFieldsProps {
  readonly parameters: ChatParameters;
  readonly onChange: (parameters: ChatParameters) => void;
}

/** Sampling parameters; an empty field leaves the choice to the model. */
export function ParameterFields({ parameters, onChange }: ParameterFieldsProps): VNode {
  return (
    <div class="fields columns">
      {FIELDS.map((field) => (
        <ParameterField
          key={field.name}
          field={field}
          value={parameters[field.name]}
          onChange={(value) => {
            const { [field.name]: _before, ...rest } = parameters;
            onChange(value === undefined ? rest : { ...rest, [field.name]: value });
          }}
        />
      ))}
    </div>
  );
}

interface ParameterFieldProps {
  readonly field: Field;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function ParameterField({ field, value, onChange }: ParameterFieldProps): VNode {
  const isWrong = useSignal(false);
  const noteId = useId();
  const { label, hint, least, most, isWhole = false } = field;
  const read = (typed: string) => {
    if (typed.trim() === '') {
      isWrong.value = false;
      onChange(undefined);
      return;
    }
    const number = Number(typed.replace(',', '.'));
    isWrong.value = !(number >= least && number <= most && (!isWhole || Number.isInteger(number)));
    if (!isWrong.value) onChange(number);
  };
  const note = isWrong.value ? text.invalid(least, most) : hint;
  return (
    <label>
      {label}
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        class="figures"
        defaultValue={value ?? ''}
        aria-invalid={isWrong.value}
        aria-describedby={note === undefined ? undefined : noteId}
        onChange={({ currentTarget }) => read(currentTarget.value)}
      />
      {note !== undefined && (
        <span id={noteId} class={isWrong.value ? 'field-error small' : 'muted small'}>
          {note}
        </span>
      )}
    </label>
  );
}
