import type { FlowState } from './flow-state.ts';
import { Graph } from './graph.tsx';
import { TEXT } from './text.ts';

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** Choose a flow, give it a text, see its steps light up, open any of them. */
export function FlowPage({ state }: { readonly state: FlowState }) {
  const flow = state.flow.value;
  const isRunning = state.running.value !== null;
  return (
    <main class="flows">
      <header>
        <h1>{TEXT.title}</h1>
        <p>{TEXT.lead}</p>
        <a href="./index.html">{TEXT.back}</a>
      </header>
      <section class="form">
        <label>
          {TEXT.choose}
          <select value={flow?.id} onChange={(event) => void state.choose(event.currentTarget.value)}>
            {state.flows.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <p class="muted">{flow?.description}</p>
        <label>
          {TEXT.input}
          <textarea
            rows={10}
            value={state.input.value}
            onInput={(event) => {
              state.input.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="muted">{TEXT.inputHint}</p>
        <label>
          {TEXT.file}
          <input
            type="file"
            accept=".txt,.csv,.json,.md,text/*"
            onChange={async (event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) state.input.value = await file.text();
            }}
          />
        </label>
        <div class="actions">
          <button type="button" class="primary" disabled={flow === null || isRunning} onClick={() => void state.run()}>
            {TEXT.run}
          </button>
          <button type="button" disabled={!isRunning} onClick={() => state.running.value?.abort()}>
            {TEXT.stop}
          </button>
          <span role="status">{state.message.value}</span>
        </div>
      </section>
      {flow === null ? null : (
        <Graph
          flow={flow}
          statuses={state.statuses.value}
          chosen={state.chosen.value}
          onChoose={(node) => {
            state.chosen.value = node;
          }}
        />
      )}
      <div class="columns">
        <ResultView state={state} />
        <StepView state={state} />
      </div>
    </main>
  );
}

function ResultView({ state }: { readonly state: FlowState }) {
  const result = state.result.value;
  const request =
    result?.status === 'waiting'
      ? (result.output as { node: string; question?: string; options?: readonly string[] })
      : null;
  return (
    <section>
      <h2>{TEXT.result}</h2>
      {request === null ? null : (
        <div class="actions">
          <p>{request.question}</p>
          {(request.options ?? []).map((option) => (
            <button key={option} type="button" onClick={() => void state.run({ node: request.node, answer: option })}>
              {option}
            </button>
          ))}
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, and the keyboard must reach it. */}
      <pre tabIndex={0}>{result === null ? '' : shown(result.output)}</pre>
    </section>
  );
}

function StepView({ state }: { readonly state: FlowState }) {
  const { value: chosen } = state.chosen;
  const step = state.steps.value.find(({ node }) => node === chosen);
  const given = chosen === 'input' ? state.input.value : step?.input;
  return (
    <section>
      <h2>{chosen === null ? TEXT.step : `${TEXT.step}: ${chosen}`}</h2>
      {chosen === null ? <p class="muted">{TEXT.noStep}</p> : null}
      {step === undefined ? null : (
        <p>
          {step.uses}, {TEXT.statuses[step.status]}, {Math.round(step.ms)} ms
          {step.score === undefined ? '' : `, ${(step.score * 100).toFixed(0)} %`}
          {step.model === undefined ? '' : `, ${step.model}`}
          {step.error === undefined ? '' : `: ${step.error.message}`}
        </p>
      )}
      {given === undefined || chosen === null ? null : (
        <>
          <h3>{TEXT.given}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above. */}
          <pre tabIndex={0}>{shown(given)}</pre>
        </>
      )}
      {step?.output === undefined ? null : (
        <>
          <h3>{TEXT.came}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above. */}
          <pre tabIndex={0}>{shown(step.output)}</pre>
        </>
      )}
    </section>
  );
}
