import type { ComponentChildren, VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { NoteIcon, WarningIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';

const text = TEXT.notices;

/** Lines above the conversation: what is different today, and what that means. Nothing here asks for haste. */
export function Notices(): VNode {
  const { model, shell, isOnline, refusedOptions, library, isSuperseded, renewedOn, vault, refusal, retention } =
    useApp();
  const leaving = retention.value?.announced ?? 0;
  const state = model.state.value;
  const shellState = shell.state.value;
  const isMemoryOnly = model.stored.value.some(({ medium }) => medium === 'memory');
  const isOnOneThread = state.kind === 'ready' && state.model.backend === 'cpu' && state.model.threads === 1;
  const isIsolated = globalThis.crossOriginIsolated ?? true;
  const lacksThreads = isOnOneThread && !(isIsolated && 'SharedArrayBuffer' in globalThis);
  const isFetching = state.kind === 'arriving' || (state.kind === 'failed' && state.loadedBytes > 0);
  return (
    <div class="notices">
      {refusedOptions.length > 0 && <Notice isWarning>{text.refused(refusedOptions)}</Notice>}
      {library.store.medium === 'memory' && !isSuperseded.value && <Notice isWarning>{text.chatsInMemory}</Notice>}
      {isSuperseded.value && (
        <Notice isWarning>
          {text.superseded}
          <button type="button" onClick={() => location.reload()}>
            {text.reload}
          </button>
        </Notice>
      )}
      {leaving > 0 && <Notice isWarning>{TEXT.policy.announced(leaving)}</Notice>}
      {refusal.value !== null && (
        <Notice isWarning>
          <FailureText failure={refusal.value} />
        </Notice>
      )}
      <SharedFiles />
      <OtherModel />
      <NotSaved />
      {vault.tampered.value > 0 && <Notice isWarning>{TEXT.vault.tampered(vault.tampered.value)}</Notice>}
      {vault.state.value === 'open' && vault.failure.value !== null && (
        <Notice isWarning>
          <FailureText failure={vault.failure.value} />
        </Notice>
      )}
      {isMemoryOnly && <Notice isWarning>{text.memoryOnly}</Notice>}
      {lacksThreads && <Notice isWarning>{isIsolated ? text.threadsOfBrowser : text.threads}</Notice>}
      {renewedOn.value !== null && <Notice>{text.renewed(renewedOn.value)}</Notice>}
      {!isOnline.value && (state.kind === 'ready' || isFetching) && (
        <Notice>{isFetching ? text.offlineFetching : text.offline}</Notice>
      )}
      {shellState.kind === 'update-waiting' && (
        <Notice>
          {text.update}
          <button type="button" onClick={shellState.accept}>
            {text.updateAccept}
          </button>
        </Notice>
      )}
      {shellState.kind === 'update-elsewhere' && (
        <Notice>
          {text.updatedElsewhere}
          <button type="button" onClick={() => location.reload()}>
            {text.reload}
          </button>
        </Notice>
      )}
    </div>
  );
}

/** Files that another app shared: read when the person says so, because a page of another site can send some too. */
function SharedFiles(): VNode | null {
  const { shared, openFiles } = useApp();
  const files = shared.value?.files ?? [];
  if (files.length === 0) return null;
  const done = () => {
    shared.value = null;
  };
  return (
    <Notice>
      {text.shared(files.map(({ name }) => name).join(', '))}
      <button
        type="button"
        onClick={() => {
          openFiles(files);
          done();
        }}
      >
        {text.sharedRead}
      </button>
      <button type="button" onClick={done}>
        {text.sharedDiscard}
      </button>
    </Notice>
  );
}

/** A chat goes on with the model that runs; the one it was held with is a press away. */
function OtherModel(): VNode | null {
  const { chat, model } = useApp();
  const state = model.state.value;
  const { chat: record, messageCount } = chat.outline.value;
  if (state.kind !== 'ready' || messageCount === 0 || record.model === null || record.model === state.model.id) {
    return null;
  }
  const choice = model.choices.value.find(({ id }) => id === record.model);
  const before = choice?.name ?? record.model;
  return (
    <Notice>
      {text.otherModel(before, state.subject.name)}
      {choice !== undefined && (
        <button type="button" onClick={() => void model.choose(choice.id)}>
          {text.otherModelUse(choice.name)}
        </button>
      )}
    </Notice>
  );
}

/** What was written and could not be kept: why, and what to do. */
function NotSaved(): VNode | null {
  const { chat } = useApp();
  const saving = chat.keeper.saving.value;
  if (saving.kind !== 'unsaved') return null;
  return (
    <Notice isWarning>
      <div>
        <p>{text.notSaved}</p>
        <FailureText failure={saving.failure} />
      </div>
      <button type="button" onClick={chat.keeper.retry}>
        {TEXT.conversation.saveAgain}
      </button>
    </Notice>
  );
}

interface NoticeProps {
  readonly isWarning?: boolean;
  readonly children: ComponentChildren;
}

function Notice({ isWarning = false, children }: NoticeProps): VNode {
  return (
    <div class={isWarning ? 'notice warning' : 'notice'} role="status">
      {isWarning ? <WarningIcon /> : <NoteIcon />}
      <div class="notice-text">{children}</div>
    </div>
  );
}
