import { useState } from 'preact/hooks';
import type { DataState } from '../state/data-state.ts';
import { TEXT } from '../text.ts';

/** A label that no row has yet. */
export function NewLabel({ data }: { readonly data: DataState }) {
  const [fresh, setFresh] = useState('');
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        data.describe(fresh, '');
        setFresh('');
      }}
    >
      <label>
        {TEXT.newLabel}
        <input dir="auto" maxLength={60} value={fresh} onInput={(event) => setFresh(event.currentTarget.value)} />
      </label>
      <div class="actions">
        <button type="submit" disabled={fresh.trim() === ''}>
          {TEXT.addLabel}
        </button>
      </div>
    </form>
  );
}
