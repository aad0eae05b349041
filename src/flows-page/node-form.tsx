import type { FlowDocument } from '../client/index.ts';
import { FLOW_OPERATIONS, type FlowOperationName } from '../protocol/index.ts';
import type { EditState } from './edit-state.ts';
import { changed, Options } from './form-parts.tsx';
import { JsonField } from './json-field.tsx';
import { TEXT } from './text.ts';

type Node = FlowDocument['nodes'][number];

/** Arguments and settings of an operation; none for one that this version does not know. */
export function operationOf(name: string): { takes: readonly string[]; with: readonly string[] } {
  if (!Object.hasOwn(FLOW_OPERATIONS, name)) return { takes: [], with: [] };
  const { takes, with: settings } = FLOW_OPERATIONS[name as FlowOperationName];
  return { takes: Object.keys(takes), with: settings };
}

interface NodeFormProps {
  readonly state: EditState;
  readonly node: Node;
  readonly index: number;
}

/** One step of a flow. */
export function NodeForm({ state, node, index }: NodeFormProps) {
  const { takes, with: settings } = operationOf(node.uses);
  const set = (part: Partial<Record<keyof Node, unknown>>) => state.setNode(index, changed(node, part));
  const count = (text: string) => (text === '' ? undefined : Number(text));
  const place = `nodes.${index}.with`;
  return (
    <details
      id={`node-${node.id}`}
      class="part"
      open={state.chosen.value === node.id}
      onToggle={(event) => {
        if (event.currentTarget.open) state.chosen.value = node.id;
        else if (state.chosen.value === node.id) state.chosen.value = null;
      }}
    >
      <summary>
        {node.id} <span class="muted">{node.uses}</span>
      </summary>
      <div class="fields">
        <label>
          {TEXT.id}
          {/* Taken over when it is left: each letter would rename the step in all its ways. */}
          <input
            value={node.id}
            onChange={(event) => {
              const id = event.currentTarget.value.trim();
              state.chosen.value = id;
              set({ id });
            }}
          />
        </label>
        <label>
          {TEXT.operation}
          <select value={node.uses} onChange={(event) => set({ uses: event.currentTarget.value })}>
            <Options names={Object.keys(FLOW_OPERATIONS)} />
          </select>
        </label>
        <label>
          {TEXT.each}
          <select value={node.each ?? ''} onChange={(event) => set({ each: event.currentTarget.value || undefined })}>
            <option value="">{TEXT.once}</option>
            <Options names={takes} />
          </select>
        </label>
        <label>
          {TEXT.retries}
          <input
            type="number"
            min={0}
            max={9}
            value={node.retries ?? ''}
            onInput={(event) => set({ retries: count(event.currentTarget.value) })}
          />
        </label>
        <label>
          {TEXT.timeout}
          <input
            type="number"
            min={1}
            value={node.timeoutMs ?? ''}
            onInput={(event) => set({ timeoutMs: count(event.currentTarget.value) })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={state.draft.value.output.includes(node.id)}
            onChange={(event) => state.setOutput(node.id, event.currentTarget.checked)}
          />
          {TEXT.isOutput}
        </label>
      </div>
      <JsonField
        label={`${TEXT.settings}${settings.length === 0 ? '' : `: ${settings.join(', ')}`}`}
        value={node.with}
        rows={4}
        onChange={(value) => set({ with: value })}
        onBad={(isBad) => state.markField(place, isBad)}
      />
      <button type="button" class="danger" onClick={() => state.removeNode(index)}>
        {TEXT.removeStep}
      </button>
    </details>
  );
}
