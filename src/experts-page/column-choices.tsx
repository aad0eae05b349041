import type { Kind } from './rows/guess.ts';
import type { DataState } from './state/data-state.ts';
import { TEXT } from './text.ts';

/** Which column is what, and what is to be learned. */
export function ColumnChoices({ data }: { readonly data: DataState }) {
  const { choices, columns, source } = data;
  const { kind, text, label, holdsOut } = choices.value;
  const isNames = kind === 'names';
  return (
    <>
      <fieldset class="choices">
        <legend>{TEXT.kind}</legend>
        {(['texts', 'names'] as const satisfies readonly Kind[]).map((one) => (
          <label key={one} class="check">
            <input type="radio" name="kind" checked={kind === one} onChange={() => data.choose({ kind: one })} />
            {TEXT.kinds[one]}
          </label>
        ))}
      </fieldset>
      <div class="fields">
        <label>
          {TEXT.textColumn}
          <select value={text} onChange={(event) => data.choose({ text: Number(event.currentTarget.value) })}>
            <ColumnNames names={columns.value} />
          </select>
        </label>
        <label>
          {isNames ? TEXT.namesColumn : TEXT.labelColumn}
          <select value={label} onChange={(event) => data.choose({ label: Number(event.currentTarget.value) })}>
            <option value={-1}>{isNames ? TEXT.namesInText : TEXT.noLabels}</option>
            <ColumnNames names={columns.value} />
          </select>
        </label>
      </div>
      <label class="check">
        <input type="checkbox" checked={source.value?.names !== null} onChange={data.turnHead} />
        {TEXT.firstLine}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={holdsOut}
          onChange={(event) => data.choose({ holdsOut: event.currentTarget.checked })}
        />
        {TEXT.holdOut}
      </label>
    </>
  );
}

function ColumnNames({ names }: { readonly names: readonly string[] }) {
  return names.map((name, index) => (
    <option key={name} value={index}>
      {name}
    </option>
  ));
}
