import { formatCount, formatMoment } from '../app/format/index.ts';
import { FileButton, saveBlob } from '../app/pages/index.ts';
import type { ExpertVersion, Policy } from '../client/index.ts';
import { percent } from './parts/figures.ts';
import { JobLine } from './parts/job-line.tsx';
import { type KeptState, keyOf, TRAINED } from './state/kept-state.ts';
import type { TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';

interface KeptProps {
  readonly state: KeptState;
  readonly training: TrainingState;
  readonly features: Policy['features'];
}

/** Experts that this browser keeps: which version answers, how they compare, and the way out and in. */
export function KeptView({ state, training, features }: KeptProps) {
  const versions = state.versions.value;
  const ids = [...new Set((versions ?? []).map(({ id }) => id))];
  return (
    <>
      <p class="muted">{TEXT.keptLead}</p>
      <JobLine job={state.job} />
      {versions !== null && ids.length === 0 ? <p>{TEXT.noneKept}</p> : null}
      {ids.map((id) => (
        <Expert
          key={id}
          versions={(versions ?? []).filter((one) => one.id === id).toReversed()}
          state={state}
          canExport={features.export}
        />
      ))}
      <Compare state={state} training={training} />
      {features.import ? <Import state={state} /> : null}
    </>
  );
}

interface ExpertProps {
  readonly versions: readonly ExpertVersion[];
  readonly state: KeptState;
  readonly canExport: boolean;
}

function Expert({ versions, state, canExport }: ExpertProps) {
  const current = versions.find(({ isCurrent }) => isCurrent) ?? versions[0];
  if (current === undefined) return null;
  // One thing at a time: pressed while another is done, a button would do nothing.
  const isBusy = state.job.running.value !== null;
  const { id, name, task } = current;
  return (
    <section class="form">
      <h2 dir="auto">{name}</h2>
      <p class="muted">
        {id} · {task === 'entities' ? TEXT.kinds.names : TEXT.kinds.texts}
      </p>
      <ul class="rows">
        {versions.map((one) => (
          <li key={one.version} class={one.isCurrent ? 'current' : undefined}>
            <p>
              <strong>{TEXT.version(one.version)}</strong>{' '}
              {one.isCurrent ? <span class="tag">{TEXT.answers}</span> : null}
              {one.isSigned ? <span class="tag">{TEXT.signed}</span> : null}
            </p>
            <p class="muted">
              {formatMoment(one.keptAt)} · {TEXT.rowsOf(one.rows)} · {percent(one.accuracy, 1)} {TEXT.right} ·{' '}
              {one.dataHash.slice(0, 8)}
            </p>
            <div class="actions">
              {one.isCurrent ? null : (
                <button type="button" disabled={isBusy} onClick={() => void state.use(one)}>
                  {TEXT.useVersion}
                  <span class="visually-hidden"> {TEXT.version(one.version)}</span>
                </button>
              )}
              {canExport ? <Export of={one} state={state} /> : null}
              <button
                type="button"
                class="danger"
                disabled={isBusy}
                onClick={() => {
                  if (confirm(TEXT.reallyDelete(id, one.version))) void state.remove(one);
                }}
              >
                {TEXT.delete}
                <span class="visually-hidden"> {TEXT.version(one.version)}</span>
              </button>
            </div>
          </li>
        ))}
      </ul>
      <div class="actions">
        <a class="button" href={`./flows.html?expert=${encodeURIComponent(id)}#run`}>
          {TEXT.useInFlow}
        </a>
      </div>
    </section>
  );
}

function Export({ of, state }: { readonly of: ExpertVersion; readonly state: KeptState }) {
  const save = (isSigned: boolean) => () =>
    void state.job.run(async () => {
      saveBlob(`${of.id}-${of.version}.json`, await state.fileOf(keyOf(of), isSigned));
      return isSigned ? TEXT.savedSigned : TEXT.saved;
    });
  const isBusy = state.job.running.value !== null;
  const which = <span class="visually-hidden"> {TEXT.version(of.version)}</span>;
  return (
    <>
      <button type="button" disabled={isBusy} onClick={save(false)}>
        {TEXT.export}
        {which}
      </button>
      {of.isSigned ? null : (
        <button type="button" disabled={isBusy} onClick={save(true)}>
          {TEXT.exportSigned}
          {which}
        </button>
      )}
    </>
  );
}

function Compare({ state, training }: { readonly state: KeptState; readonly training: TrainingState }) {
  const isTrained = training.trained.value !== null;
  const options = [
    ...(isTrained ? [{ key: TRAINED, name: TEXT.justTrained }] : []),
    ...(state.versions.value ?? [])
      .filter(({ task }) => task === undefined)
      .map((one) => ({ key: keyOf(one), name: `${one.name}, ${TEXT.version(one.version)}` })),
  ];
  if (options.length < 2) return null;
  const comparison = state.comparison.value;
  return (
    <section class="form">
      <h2>{TEXT.compareTitle}</h2>
      <p class="muted">{TEXT.compareLead}</p>
      <div class="fields">
        {(
          [
            [TEXT.first, state.first],
            [TEXT.second, state.second],
          ] as const
        ).map(([name, choice]) => (
          <label key={name}>
            {name}
            <select
              value={choice.value}
              onChange={(event) => {
                choice.value = event.currentTarget.value;
              }}
            >
              <option value="">…</option>
              {options.map(({ key, name: shown }) => (
                <option key={key} value={key}>
                  {shown}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <div class="actions">
        <button
          type="button"
          disabled={state.first.value === '' || state.second.value === '' || state.job.running.value !== null}
          onClick={() => void state.compare()}
        >
          {TEXT.compare}
        </button>
      </div>
      {comparison === null ? null : (
        <div aria-live="polite">
          <p>
            {TEXT.compared(
              comparison.before.rows,
              percent(comparison.before.accuracy, 1),
              percent(comparison.after.accuracy, 1),
            )}
          </p>
          {comparison.worse.length === 0 ? (
            <p>{TEXT.noneWorse}</p>
          ) : (
            <>
              <p>{TEXT.someWorse(comparison.worse.length)}</p>
              <ul class="problems">
                {comparison.worse.slice(0, 10).map(({ text, label, predicted }) => (
                  <li key={text}>
                    <span dir="auto">{text.slice(0, 200)}</span>{' '}
                    <span class="muted">{TEXT.mistaken(label, predicted ?? TEXT.unknown, '')}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Import({ state }: { readonly state: KeptState }) {
  const imported = state.imported.value;
  const isBusy = state.job.running.value !== null;
  return (
    <section class="form">
      <h2>{TEXT.importTitle}</h2>
      <div class="actions">
        <FileButton
          label={TEXT.import}
          accept=".json,application/json"
          isOff={isBusy}
          onFiles={([file]) => {
            if (file !== undefined) void state.read(file);
          }}
        />
      </div>
      {imported === null ? null : (
        <div class="form">
          <p>
            <strong dir="auto">{imported.expert.name}</strong> {TEXT.version(imported.expert.version)},{' '}
            {formatCount(imported.expert.rows)}, {imported.expert.labels.slice(0, 12).join(', ')}
          </p>
          <p>{TEXT.seals[imported.seal]}</p>
          {imported.expert.signature === undefined ? null : (
            <p class="muted">{TEXT.fingerprint(imported.expert.signature.publicKey.slice(0, 16))}</p>
          )}
          <div class="actions">
            <button type="button" class="primary" disabled={isBusy} onClick={() => state.keepImported(false)}>
              {TEXT.keep}
            </button>
            {imported.seal === 'unknown' ? (
              <button type="button" disabled={isBusy} onClick={() => state.keepImported(true)}>
                {TEXT.keepAndTrust}
              </button>
            ) : null}
          </div>
        </div>
      )}
    </section>
  );
}
