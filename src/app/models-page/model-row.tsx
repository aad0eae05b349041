import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelPlan } from '../../client/index.ts';
import { useApp } from '../app-context.ts';
import { type Fact, FactList } from '../components/fact-list.tsx';
import { FailureText } from '../components/model-status.tsx';
import { Progress } from '../components/progress.tsx';
import { formatByteProgress, formatBytes, formatCount, formatRate } from '../format/index.ts';
import { readSpeeds } from '../state/measured-speeds.ts';
import { TEXT } from '../text.ts';
import type { ModelRow, ModelsState, Work } from './models-state.ts';
import { NoRoom } from './no-room.tsx';
import { MODELS_TEXT as text } from './text/index.ts';

interface RowProps {
  readonly row: ModelRow;
  readonly state: ModelsState;
}

/** One model: what is known of it, what is being done with it, and what can be done. */
export function ModelRowView({ row, state }: RowProps): VNode {
  const work = state.work.value.get(row.id) ?? null;
  const notice = state.notices.value.get(row.id) ?? null;
  return (
    <li class="card model-row" aria-busy={work !== null}>
      <h4>{row.name}</h4>
      <Facts row={row} />
      {work !== null && <WorkView work={work} name={row.name} />}
      {notice?.failure != null && <FailureText failure={notice.failure} />}
      {notice?.text === 'whole' && <p role="status">{text.whole}</p>}
      {notice?.text === 'broken' && <p role="status">{text.broken}</p>}
      {notice?.text === 'unchanged' && <p role="status">{text.changeNone}</p>}
      {row.stored !== null && !row.stored.complete && work === null && (
        <p class="muted">{text.partial(formatByteProgress(row.stored.storedBytes, row.stored.size))}</p>
      )}
      {row.plan?.problems
        .filter(({ what }) => what !== 'storage')
        .slice(0, 1)
        .map(({ what, neededBytes, availableBytes }) => (
          <p key={what} class="muted">
            {text.tooLarge(formatBytes(neededBytes, 1), formatBytes(availableBytes, 1))}
          </p>
        ))}
      {work === null && <NoRoom row={row} state={state} />}
      <Actions row={row} state={state} work={work} />
    </li>
  );
}

function Facts({ row }: { readonly row: ModelRow }): VNode {
  const { manifest, stored, plan } = row;
  const speed = readSpeeds()[row.id];
  const capabilities = manifest?.capabilities ?? (manifest?.file.path.endsWith('.onnx') ? ['tasks' as const] : []);
  const facts: readonly Fact[] = [
    [text.facts.size, formatBytes(stored?.size ?? manifest?.file.size ?? 0, 1)],
    [text.facts.memory, plan === null ? undefined : memoryOf(plan)],
    // It is taken when they first come.
    [text.facts.together, plan?.togetherBytes ? text.upTo(formatBytes(plan.togetherBytes)) : undefined],
    [text.facts.licence, manifest?.licence.id],
    [text.facts.context, manifest === null ? undefined : text.tokens(formatCount(manifest.contextLength))],
    [text.facts.parameters, manifest === null ? undefined : millions(manifest.parameters)],
    [text.facts.quantisation, manifest?.quantisation],
    [text.facts.use, capabilities.map((name) => text.capabilities[name]).join(', ') || undefined],
    [text.facts.speed, speed === undefined ? undefined : text.rate(formatRate(speed))],
    [text.facts.hashes, stored?.complete ? text.hashes[stored.hashes] : undefined],
  ];
  return (
    <div class="facts">
      <FactList facts={facts} />
    </div>
  );
}

/** What it takes, and with how much context: the one says nothing without the other. */
function memoryOf({ memoryBytes, contextLength }: ModelPlan): string {
  return `${formatBytes(memoryBytes)} · ${text.tokens(formatCount(contextLength))}`;
}

export function millions(parameters: number): string {
  return `${formatCount(parameters / 1e6)} M`;
}

/** How far something is. */
export function WorkView({ work, name }: { readonly work: Work; readonly name: string }): VNode {
  const { retry } = work;
  const waits = retry !== null && (
    <p class="muted" role="status">
      {TEXT.model.retrying(Math.round(retry.waitMs / 1000), retry.reason)}
    </p>
  );
  if (work.totalBytes === 0) return waits || <p role="status">{text.busy}</p>;
  const bytes = formatByteProgress(work.loadedBytes, work.totalBytes);
  const done = work.secondsLeft === null ? bytes : text.progress(bytes, duration(work.secondsLeft));
  return (
    <>
      <Progress label={name} valueText={done} value={work.loadedBytes} total={work.totalBytes} />
      <p class="muted figures">{done}</p>
      {waits}
      {work.isElsewhere && <p class="muted">{text.elsewhere}</p>}
    </>
  );
}

/** "0:42", "12:05". */
function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function Actions({ row, state, work }: RowProps & { readonly work: Work | null }): VNode {
  const { model, panel, policy } = useApp();
  const [isAsking, setAsking] = useState(false);
  const { stored, manifest, id } = row;
  if (work !== null) {
    return (
      <div class="buttons">
        {work.kind === 'download' && (
          <button type="button" onClick={() => state.pause(id)}>
            {text.pause}
          </button>
        )}
      </div>
    );
  }
  if (isAsking && stored !== null) {
    return (
      <div class="buttons">
        <button
          type="button"
          class="danger"
          onClick={() => {
            setAsking(false);
            void state.remove(id);
          }}
        >
          {text.removeYes(formatBytes(stored.storedBytes, 1))}
        </button>
        <button type="button" onClick={() => setAsking(false)}>
          {text.keep}
        </button>
      </div>
    );
  }
  const now = model.state.value;
  const isInUse = now.kind === 'ready' && now.model.id === id;
  const canChat =
    manifest !== null &&
    (manifest.capabilities?.includes('chat') ??
      !(manifest.file.path.endsWith('.onnx') || manifest.capabilities?.includes('embeddings')));
  const isWhole = stored?.complete === true;
  return (
    <div class="buttons">
      {isInUse && <span class="muted">{text.inUse}</span>}
      {isWhole && canChat && !isInUse && row.plan?.problems.every(({ what }) => what === 'storage') && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            panel.value = null;
            void model.choose(id);
          }}
        >
          {text.use}
        </button>
      )}
      {!isWhole && (
        <button type="button" class="primary" onClick={() => void state.download(id)}>
          {stored === null ? text.download : text.resume}
        </button>
      )}
      {isWhole && (
        <>
          <button type="button" onClick={() => void state.verify(id)}>
            {text.verify}
          </button>
          {policy.features.export && (
            <>
              <button type="button" onClick={() => void state.exportModel(id, 'files')}>
                {text.exportFile}
              </button>
              <button type="button" onClick={() => void state.exportModel(id, 'pack')}>
                {text.exportPack}
              </button>
            </>
          )}
        </>
      )}
      {isWhole && stored.hashes === 'pinned' && (
        <button type="button" onClick={() => void state.lookForChanges(row)}>
          {text.changes}
        </button>
      )}
      {stored !== null && (
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          {text.remove}
        </button>
      )}
    </div>
  );
}
