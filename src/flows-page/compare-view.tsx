import type { FlowComparison } from '../client/index.ts';
import type { CompareState } from './compare-state.ts';
import { FlowChoice } from './flow-choice.tsx';
import type { FlowState } from './flow-state.ts';
import { TEXT } from './text.ts';

/** Two flows on one test set: what each gets right, its time, its tokens, and where they differ. */
export function CompareView({ state, flows }: { readonly state: CompareState; readonly flows: FlowState }) {
  const isRunning = state.running.value !== null;
  return (
    <>
      <p class="muted">{TEXT.compareLead}</p>
      <section class="form">
        <div class="fields">
          {(
            [
              [TEXT.first, state.first],
              [TEXT.second, state.second],
            ] as const
          ).map(([label, choice]) => (
            <FlowChoice
              key={label}
              label={label}
              flows={flows}
              value={choice.value}
              onChoose={(value) => {
                choice.value = value;
              }}
            />
          ))}
        </div>
        <label>
          {TEXT.cases}
          <textarea
            rows={8}
            spellcheck={false}
            value={state.cases.value}
            onInput={(event) => state.type(event.currentTarget.value)}
          />
        </label>
        <p class="muted">{TEXT.casesHint}</p>
        <label>
          {TEXT.file}
          <input
            type="file"
            accept=".jsonl,.json,.csv,.tsv,.txt"
            onChange={({ currentTarget: field }) => {
              const [file] = field.files ?? [];
              if (file !== undefined) void state.openFile(file);
              field.value = '';
            }}
          />
        </label>
        <div class="actions">
          <button type="button" class="primary" disabled={isRunning} onClick={() => void state.run()}>
            {TEXT.compare}
          </button>
          <button type="button" disabled={!isRunning} onClick={() => state.running.value?.abort()}>
            {TEXT.stop}
          </button>
          <span role="status">{state.message.value}</span>
        </div>
      </section>
      {state.comparison.value === null ? null : (
        <Comparison comparison={state.comparison.value} names={state.names.value} />
      )}
    </>
  );
}

interface ComparisonProps {
  readonly comparison: FlowComparison;
  readonly names: readonly string[];
}

function Comparison({ comparison: { scores, cases }, names }: ComparisonProps) {
  const differ = cases.filter(({ outcomes }) => new Set(outcomes.map(({ got }) => JSON.stringify(got))).size > 1);
  return (
    <>
      <section>
        <h2>{TEXT.result}</h2>
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th>{TEXT.choose}</th>
                <th>{TEXT.accuracy}</th>
                <th>{TEXT.time}</th>
                <th>{TEXT.tokens}</th>
                <th>{TEXT.failures}</th>
              </tr>
            </thead>
            <tbody>
              {scores.map((score, index) => (
                <tr key={names[index]}>
                  <th>{names[index]}</th>
                  <td>{(score.accuracy * 100).toFixed(1)} %</td>
                  <td>{score.meanMs.toFixed(0)} ms</td>
                  <td>{score.tokens}</td>
                  <td>{score.failures}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section>
        <h2>{TEXT.differ}</h2>
        {differ.length === 0 ? <p class="muted">{TEXT.sameAll}</p> : null}
        {differ.map(({ input, expect, outcomes }, index) => (
          <details key={index} class="part">
            <summary dir="auto">
              {(typeof input === 'string' ? input : JSON.stringify(input)).slice(0, 160)}{' '}
              <span class="muted">
                {outcomes.map(({ isRight }, at) => `${names[at]}: ${isRight ? TEXT.right : TEXT.wrong}`).join(', ')}
              </span>
            </summary>
            <p>
              {TEXT.due}: <code>{JSON.stringify(expect)}</code>
            </p>
            {outcomes.map(({ got }, at) => (
              <p key={names[at]}>
                {names[at]}: <code>{JSON.stringify(got)}</code>
              </p>
            ))}
          </details>
        ))}
      </section>
    </>
  );
}
