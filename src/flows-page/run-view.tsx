import { FlowChoice } from './flow-choice.tsx';
import type { FlowState } from './flow-state.ts';
import { Graph } from './graph.tsx';
import { Shown } from './shown.tsx';
import { TEXT } from './text.ts';

/** Choose a flow, give it a text or files, see its steps light up, open any of them. */
export function RunView({ state }: { readonly state: FlowState }) {
  const flow = state.flow.value;
  const isRunning = state.running.value !== null;
  const isReady = flow !== null && !isRunning && state.coming.value === null;
  const isOwn = state.own.value.some((one) => one === flow);
  const isListed = isOwn || state.flows.value.some(({ id }) => id === flow?.id);
  return (
    <>
      <section class="form">
        <FlowChoice
          label={TEXT.choose}
          flows={state}
          value={state.coming.value ?? (flow === null || !isListed ? '' : isOwn ? `own:${flow.id}` : flow.id)}
          // One that was made for an expert stands in no list before it is kept.
          {...(isListed || flow === null ? {} : { empty: flow.name || flow.id })}
          onChoose={(value) => value !== '' && void state.choose(value)}
        />
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
            multiple
            accept=".txt,.csv,.tsv,.json,.md,.pdf,.docx,.html,.eml,text/*"
            onChange={(event) => {
              const { files } = event.currentTarget;
              void state.openFiles([...(files ?? [])]);
              // The same file, changed meanwhile, can be opened again.
              event.currentTarget.value = '';
            }}
          />
        </label>
        <div class="actions">
          <button type="button" class="primary" disabled={!isReady} onClick={() => void state.run()}>
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
    </>
  );
}

function ResultView({ state }: { readonly state: FlowState }) {
  const result = state.result.value;
  const request =
    result?.status === 'waiting'
      ? (result.output as { node: string; question?: string; options?: readonly string[] })
      : null;
  const answer = (value: string) =>
    request === null ? undefined : void state.run({ answers: { [request.node]: { answer: value, text: value } } });
  return (
    <section>
      <h2>{TEXT.result}</h2>
      {request === null ? null : (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            answer(String(new FormData(event.currentTarget).get('answer') ?? ''));
          }}
        >
          <p>{request.question}</p>
          {(request.options ?? []).length === 0 ? (
            <>
              <label>
                {TEXT.answer}
                <input name="answer" required />
              </label>
              <div class="actions">
                <button type="submit">{TEXT.answer}</button>
              </div>
            </>
          ) : (
            <div class="actions">
              {request.options?.map((option) => (
                <button key={option} type="button" onClick={() => answer(option)}>
                  {option}
                </button>
              ))}
            </div>
          )}
        </form>
      )}
      <Shown value={result === null ? '' : result.output} />
    </section>
  );
}

function StepView({ state }: { readonly state: FlowState }) {
  const { value: chosen } = state.chosen;
  const step = state.steps.value.find(({ node }) => node === chosen);
  const given = chosen === 'input' ? state.input.value : step?.input;
  const canReplay = step !== undefined && state.result.value !== null && step.status !== 'skipped';
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
      {canReplay ? (
        <button
          type="button"
          disabled={state.running.value !== null || state.coming.value !== null}
          onClick={() => void state.run({ from: step.node })}
        >
          {TEXT.replay}
        </button>
      ) : null}
      {given === undefined || chosen === null ? null : (
        <>
          <h3>{TEXT.given}</h3>
          <Shown value={given} />
        </>
      )}
      {step?.output === undefined ? null : (
        <>
          <h3>{TEXT.came}</h3>
          <Shown value={step.output} />
        </>
      )}
    </section>
  );
}
