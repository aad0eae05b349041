import type { FlowDocument } from '../client/index.ts';
import { FLOW_OPERATIONS, type FlowOperationName } from '../protocol/index.ts';
import { EdgeForm } from './edge-form.tsx';
import type { EditState } from './edit-state.ts';
import { FlowChoice } from './flow-choice.tsx';
import type { FlowState } from './flow-state.ts';
import { Graph } from './graph.tsx';
import { NodeForm } from './node-form.tsx';
import { TEXT } from './text.ts';

const TYPES = ['text', 'record', 'record[]', 'text[]', 'any'] as const;
const NAMES = Object.keys(FLOW_OPERATIONS) as FlowOperationName[];

/** A flow in forms, drawn and checked while it changes. */
export function EditView({ state, flows }: { readonly state: EditState; readonly flows: FlowState }) {
  const draft = state.draft.value;
  return (
    <>
      <p class="muted">{TEXT.editLead}</p>
      <section class="form">
        <FlowChoice
          label={TEXT.startFrom}
          flows={flows}
          value=""
          empty={TEXT.emptyFlow}
          onChoose={(value) => (value === '' ? state.openEmpty() : void state.startFrom(value))}
        />
        <label>
          {TEXT.openFlow}
          <input
            type="file"
            accept=".json"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) void state.openFile(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
        <Head draft={draft} change={state.change} />
        <div class="actions">
          <button type="button" class="primary" disabled={!state.isRight.value} onClick={() => void state.keep()}>
            {TEXT.keep}
          </button>
          <button
            type="button"
            disabled={!state.isRight.value}
            onClick={() => {
              flows.open(draft, flows.input.value);
              location.hash = '#run';
            }}
          >
            {TEXT.runThis}
          </button>
          <a
            class="button"
            download={`${draft.id}.json`}
            href={`data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(draft, null, 2))}`}
          >
            {TEXT.saveFile}
          </a>
          {flows.own.value.some(({ id }) => id === draft.id) ? (
            <button type="button" class="danger" onClick={() => void flows.removeOwn(draft.id)}>
              {TEXT.remove}
            </button>
          ) : null}
          <span role="status">{state.message.value}</span>
        </div>
      </section>
      <Problems state={state} />
      <Graph
        flow={draft}
        statuses={state.statuses}
        chosen={state.chosen.value}
        onChoose={(node) => {
          state.chosen.value = node;
          document.getElementById(`node-${node}`)?.scrollIntoView({ block: 'nearest' });
        }}
      />
      <div class="columns" key={state.opened.value}>
        <section class="form">
          <h2>{TEXT.steps}</h2>
          {draft.nodes.map((node, index) => (
            // A step is renamed while it is edited; its place is what stays.
            <NodeForm key={index} state={state} node={node} index={index} />
          ))}
          <label>
            {TEXT.addStep}
            <select
              value=""
              onChange={(event) => {
                const { value } = event.currentTarget;
                if (value !== '') state.addNode(value);
                event.currentTarget.value = '';
              }}
            >
              <option value="">{TEXT.operation} …</option>
              {NAMES.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </section>
        <section class="form">
          <h2>{TEXT.ways}</h2>
          {draft.edges.map((edge, index) => (
            // Ways have no names; their place is what stays.
            <EdgeForm key={index} state={state} edge={edge} index={index} />
          ))}
          <button type="button" onClick={state.addEdge}>
            {TEXT.addWay}
          </button>
        </section>
      </div>
    </>
  );
}

function Head({ draft, change }: { readonly draft: FlowDocument; readonly change: EditState['change'] }) {
  const field = (label: string, key: 'id' | 'name' | 'description') => (
    <label>
      {label}
      <input value={draft[key]} onInput={(event) => change({ [key]: event.currentTarget.value })} />
    </label>
  );
  return (
    <div class="fields">
      {field(TEXT.id, 'id')}
      {field(TEXT.name, 'name')}
      {field(TEXT.description, 'description')}
      <label>
        {TEXT.inputType}
        <select
          value={draft.input.type}
          onChange={(event) => {
            const type = event.currentTarget.value as FlowDocument['input']['type'];
            change({ input: { ...draft.input, type } });
          }}
        >
          {TYPES.map((type) => (
            <option key={type} value={type}>
              {type}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** What is wrong, each with its place; a step's place opens the step. */
function Problems({ state }: { readonly state: EditState }) {
  const problems = state.problems.value;
  if (problems.length === 0) return <p class="muted">{TEXT.noProblem}</p>;
  return (
    <section>
      <h2>{TEXT.problems}</h2>
      <ul class="problems">
        {problems.map(({ place, message }) => (
          <li key={`${place} ${message}`}>
            <code>{place}</code> {message}
          </li>
        ))}
      </ul>
    </section>
  );
}
