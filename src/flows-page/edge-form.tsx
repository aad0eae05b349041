import type { FlowDocument } from '../client/index.ts';
import type { EditState } from './edit-state.ts';
import { changed, Options } from './form-parts.tsx';
import { JsonField } from './json-field.tsx';
import { operationOf } from './node-form.tsx';
import { TEXT } from './text.ts';

type Edge = FlowDocument['edges'][number];

interface EdgeFormProps {
  readonly state: EditState;
  readonly edge: Edge;
  readonly index: number;
}

/** One way between two steps. */
export function EdgeForm({ state, edge, index }: EdgeFormProps) {
  const { nodes } = state.draft.value;
  const set = (part: Partial<Record<keyof Edge, unknown>>) => state.setEdge(index, changed(edge, part));
  const target = nodes.find(({ id }) => id === edge.to);
  const { takes } = operationOf(target?.uses ?? '');
  const chosen = state.chosen.value;
  const isNear = chosen !== null && (edge.from === chosen || edge.to === chosen);
  const node = (label: string, key: 'from' | 'to', options: readonly string[]) => (
    <label>
      {label}
      <select value={edge[key]} onChange={(event) => set({ [key]: event.currentTarget.value })}>
        <Options names={options} />
      </select>
    </label>
  );
  const ids = nodes.map(({ id }) => id);
  return (
    <details class="part" open={isNear}>
      <summary>
        {edge.from} → {edge.to} <span class="muted">{edge.as ?? TEXT.gate}</span>
      </summary>
      <div class="fields">
        {node(TEXT.from, 'from', ['input', ...ids])}
        {node(TEXT.to, 'to', ids)}
        <label>
          {TEXT.as}
          <select value={edge.as ?? ''} onChange={(event) => set({ as: event.currentTarget.value || undefined })}>
            <option value="">{TEXT.gate}</option>
            <Options names={[...new Set([...takes, ...(edge.as === undefined ? [] : [edge.as])])]} />
          </select>
        </label>
        <label>
          {TEXT.path}
          <input value={edge.path ?? ''} onInput={(event) => set({ path: event.currentTarget.value || undefined })} />
        </label>
      </div>
      <JsonField
        label={TEXT.when}
        value={edge.when}
        rows={2}
        onChange={(value) => set({ when: value })}
        onBad={(isBad) => state.markField(`edges.${index}.when`, isBad)}
      />
      <button type="button" class="danger" onClick={() => state.removeEdge(index)}>
        {TEXT.removeWay}
      </button>
    </details>
  );
}
