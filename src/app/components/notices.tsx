import type { ComponentChildren, VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { NoteIcon, WarningIcon } from './icons.tsx';

const text = TEXT.notices;

/** Lines above the conversation: what is different today, and what that means. Nothing here asks for haste. */
export function Notices(): VNode {
  const { model, shell, isOnline, refusedOptions, library, isSuperseded } = useApp();
  const state = model.state.value;
  const shellState = shell.state.value;
  const isMemoryOnly = model.stored.value.some(({ medium }) => medium === 'memory');
  const lacksThreads = state.kind === 'ready' && state.model.backend === 'cpu' && !globalThis.crossOriginIsolated;
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
      {isMemoryOnly && <Notice isWarning>{text.memoryOnly}</Notice>}
      {lacksThreads && <Notice isWarning>{text.threads}</Notice>}
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
