import { useState } from 'preact/hooks';
import { saveBlob } from '../app/pages/index.ts';
import { ColumnChoices } from './column-choices.tsx';
import { FileDrop } from './parts/file-drop.tsx';
import { JobLine } from './parts/job-line.tsx';
import type { SampleId } from './rows/samples.ts';
import { RowsAccount } from './rows-account.tsx';
import { type DataState, idOf } from './state/data-state.ts';
import type { TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';
import { TrainButton } from './train-button.tsx';

const SAMPLES: readonly SampleId[] = ['messages', 'raw-messages', 'moods', 'names'];
const TYPES = '.csv,.tsv,.jsonl,.json,.txt,text/csv,text/plain,text/tab-separated-values';

interface ExamplesProps {
  readonly data: DataState;
  readonly training: TrainingState;
  readonly canExport: boolean;
}

/** Where the rows come from, what they are, and whether an expert can learn from them. */
export function ExamplesView({ data, training, canExport }: ExamplesProps) {
  const source = data.source.value;
  return source === null ? <Start data={data} /> : <Loaded data={data} training={training} canExport={canExport} />;
}

function Start({ data }: { readonly data: DataState }) {
  const [pasted, setPasted] = useState('');
  const isBusy = data.job.running.value !== null;
  return (
    <>
      <p class="muted">{TEXT.examplesLead}</p>
      <JobLine job={data.job} />
      <div class="columns">
        <section class="form">
          <h2>{TEXT.fromFile}</h2>
          <FileDrop label={TEXT.openFile} accept={TYPES} isOff={isBusy} onFile={(file) => void data.openFile(file)} />
          <p class="muted">{TEXT.fileHint}</p>
        </section>
        <section class="form">
          <h2>{TEXT.fromSample}</h2>
          {SAMPLES.map((id) => (
            <button key={id} type="button" disabled={isBusy} onClick={() => void data.openSample(id)}>
              {TEXT.samples[id]}
            </button>
          ))}
        </section>
      </div>
      <section class="form">
        <h2>{TEXT.fromPaste}</h2>
        <label>
          {TEXT.pasteLabel}
          <textarea
            rows={8}
            spellcheck={false}
            dir="auto"
            placeholder={TEXT.pasteExample}
            value={pasted}
            onInput={(event) => setPasted(event.currentTarget.value)}
          />
        </label>
        <div class="actions">
          <button type="button" disabled={isBusy || pasted.trim() === ''} onClick={() => void data.paste(pasted)}>
            {TEXT.takePasted}
          </button>
        </div>
      </section>
    </>
  );
}

function Loaded({ data, training, canExport }: ExamplesProps) {
  const { choices } = data;
  return (
    <>
      <section class="form">
        <h2 dir="auto">{data.source.value?.name}</h2>
        <p role="status">{data.job.message.value}</p>
        {data.notes.value.map((note) => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
        <ColumnChoices data={data} />
        <Preview data={data} />
      </section>
      <RowsAccount data={data} />
      {canExport && choices.value.kind === 'texts' ? (
        <div class="actions">
          <button
            type="button"
            disabled={data.job.running.value !== null}
            onClick={() =>
              void data.job.run(async () => {
                saveBlob(`${idOf(choices.value.name)}.csv`, await data.table());
                return TEXT.saved;
              })
            }
          >
            {TEXT.saveRows}
          </button>
        </div>
      ) : null}
      <section class="form">
        <h2>{TEXT.trainTitle}</h2>
        <label>
          {TEXT.name}
          <input
            dir="auto"
            maxLength={60}
            value={choices.value.name}
            onInput={(event) => data.choose({ name: event.currentTarget.value })}
          />
        </label>
        <TrainButton data={data} training={training} />
      </section>
      <section class="form">
        <h2>{TEXT.otherRows}</h2>
        <FileDrop
          label={TEXT.addRows}
          accept={TYPES}
          isOff={data.job.running.value !== null}
          onFile={(file) => void data.addFile(file)}
        />
        <div class="actions">
          <button
            type="button"
            class="danger"
            onClick={() => {
              data.clear();
              training.clear();
            }}
          >
            {TEXT.startOver}
          </button>
          <span class="muted">{TEXT.startOverHint}</span>
        </div>
      </section>
    </>
  );
}

/** The first rows as they were read: a wrong column is seen at once. */
function Preview({ data }: { readonly data: DataState }) {
  const { rows = [] } = data.source.value ?? {};
  const { text, label } = data.choices.value;
  const columns = data.columns.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and the keyboard must reach it.
    <section class="wide" tabIndex={0} aria-label={TEXT.preview}>
      <table>
        <thead>
          <tr>
            {columns.map((name, index) => (
              <th key={name} scope="col" dir="auto">
                {name}{' '}
                {index === text ? <small>{TEXT.isText}</small> : index === label ? <small>{TEXT.isLabel}</small> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 4).map((row, at) => (
            // Rows have no names; the first ones stay where they are.
            <tr key={at}>
              {columns.map((name, index) => (
                <td key={name} dir="auto">
                  {(row[index] ?? '').slice(0, 160)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
