import type { VNode } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { CatalogueEntry, LazyLibrary } from '../../client/index.ts';
import { isPermitted } from '../../policy/index.ts';
import { useApp } from '../app-context.ts';
import { FailureText } from '../components/model-status.tsx';
import { Progress } from '../components/progress.tsx';
import { formatByteProgress, formatBytes, formatCount } from '../format/index.ts';
import { FileButton } from '../pages/index.ts';
import { ChangeView } from './change-view.tsx';
import { ModelRowView, millions } from './model-row.tsx';
import { createModelsState, type ModelsState } from './models-state.ts';
import { Place } from './place.tsx';
import { MODELS_TEXT as text } from './text/index.ts';
import './models-page.css';

/** All models: here, to be had, to be brought in. */
export function ModelsPage(): VNode {
  const { engine, model, dropped, policy } = useApp();
  const state = useMemo(
    () => createModelsState(engine.models as typeof engine.models & LazyLibrary, model.noteRemoved),
    [engine, model],
  );
  useEffect(() => {
    void state.refresh();
    return state.dispose;
  }, [state]);
  const files = dropped.value;
  useEffect(() => {
    if (files === null) return;
    dropped.value = null;
    void state.importFiles(files);
  }, [files, dropped, state]);
  const rows = state.rows.value;
  const here = rows?.filter(({ stored }) => stored !== null) ?? [];
  const offered = rows?.filter(({ stored }) => stored === null) ?? [];
  return (
    <div class="models-page">
      <p>{text.lead}</p>
      <Room state={state} />
      <Place state={state} />
      <Evicted state={state} />
      <ChangeView state={state} />
      <Helper state={state} />
      <section class="panel-section">
        <h3>{text.installed}</h3>
        {rows === null && <p class="muted">{text.busy}</p>}
        {rows !== null && here.length === 0 && <p class="muted">{text.none}</p>}
        <List rows={here} state={state} />
      </section>
      {offered.length > 0 && (
        <section class="panel-section">
          <h3>{text.available}</h3>
          <List rows={offered} state={state} />
        </section>
      )}
      {isPermitted(policy, 'file') && <Import state={state} />}
      <Known entries={state.known.value} rows={rows ?? []} />
    </div>
  );
}

function List({ rows, state }: { readonly rows: ModelsState['rows']['value'] & object; readonly state: ModelsState }) {
  return (
    <ul class="model-rows">
      {rows.map((row) => (
        <ModelRowView key={row.id} row={row} state={state} />
      ))}
    </ul>
  );
}

function Room({ state }: { readonly state: ModelsState }): VNode | null {
  const storage = state.storage.value;
  if (storage === null) return null;
  const { usedBytes, freeBytes, isPersistent } = storage;
  return (
    <p class="muted small">
      {usedBytes !== null && freeBytes !== null && `${text.room(formatBytes(usedBytes, 1), formatBytes(freeBytes))} `}
      {isPersistent ? text.persistent : text.notPersistent}
    </p>
  );
}

/** The browser deletes without a word; this is the word, and the way back. */
function Evicted({ state }: { readonly state: ModelsState }): VNode | null {
  const evicted = state.evicted.value;
  if (evicted.length === 0) return null;
  return (
    <section class="card" role="status">
      <p>{text.evicted(evicted.map(({ name }) => name).join(', '))}</p>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          onClick={() => {
            for (const { id } of evicted) void state.download(id);
          }}
        >
          {text.fetchAgain}
        </button>
        <button
          type="button"
          onClick={() => {
            for (const { id } of evicted) void state.forget(id);
          }}
        >
          {text.dismiss}
        </button>
      </div>
    </section>
  );
}

function Helper({ state }: { readonly state: ModelsState }): VNode | null {
  const recommended = state.recommended.value;
  if (recommended === null) return null;
  const fitting = recommended.filter(({ plan, betterId }) => plan.fits && betterId === undefined).slice(0, 3);
  return (
    <details class="more">
      <summary>{text.helper}</summary>
      {fitting.length === 0 && <p>{text.helperNone}</p>}
      <ol class="plain-list">
        {fitting.map(({ id, name, quantisation, plan }) => (
          <li key={id}>
            {text.helperPick(
              name.includes(quantisation) ? name : `${name} ${quantisation}`,
              text.engines[plan.backend],
              text.tokens(formatCount(plan.contextLength)),
              formatBytes(plan.memoryBytes),
            )}
            {plan.isTight && ` ${text.tight}`}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Import({ state }: { readonly state: ModelsState }): VNode {
  const take = (chosen: readonly File[]) => void state.importFiles(chosen);
  const work = state.importing.value;
  const untrusted = state.untrusted.value;
  const failure = state.importFailure.value;
  const { fresh, known } = state.imported.value;
  return (
    <section class="panel-section">
      <h3>{text.importTitle}</h3>
      <p class="muted">{text.importLead}</p>
      <div class="buttons">
        <FileButton label={text.importFiles} accept=".gguf,.sotto" isMultiple isOff={work !== null} onFiles={take} />
        <FileButton label={text.importFolder} isFolder isOff={work !== null} onFiles={take} />
      </div>
      {work !== null && (
        <>
          <p role="status">{text.busy}</p>
          {work.totalBytes > 0 && (
            <Progress
              label={text.importTitle}
              valueText={formatByteProgress(work.loadedBytes, work.totalBytes)}
              value={work.loadedBytes}
              total={work.totalBytes}
            />
          )}
        </>
      )}
      {failure !== null && <FailureText failure={failure} />}
      {fresh.length > 0 && <p role="status">{text.imported(fresh.join(', '))}</p>}
      {known.length > 0 && <p role="status">{text.known(known.join(', '))}</p>}
      {untrusted !== null && (
        <div class="card" role="alert">
          <p>{text.untrusted(untrusted.signer)}</p>
          <div class="buttons">
            <button type="button" class="danger" onClick={() => void state.trustAndImport()}>
              {text.trust}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}

function Known({
  entries,
  rows,
}: {
  readonly entries: readonly CatalogueEntry[];
  readonly rows: readonly { readonly id: string }[];
}): VNode | null {
  const missing = entries.filter(({ id }) => !rows.some((row) => row.id === id));
  if (missing.length === 0) return null;
  return (
    <details class="more">
      <summary>{text.importable}</summary>
      <p class="muted">{text.importableLead}</p>
      <ul class="model-rows">
        {missing.map(({ id, name, source }) => (
          <li key={id} class="card model-row">
            <h4>{name}</h4>
            {source !== undefined && (
              <p class="muted small">
                {text.facts.source}: <span dir="ltr">{`${source.repository} / ${source.file}`}</span>
                {` · ${source.licence} · ${millions(source.parameters)} · ${source.quantisation}`}
                {source.size !== null && ` · ${formatBytes(source.size, 1)}`}
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
