import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { PlusIcon, SealIcon } from './icons.tsx';

/** Whose page this is, where it runs, and what runs. */
export function Header(): VNode {
  return (
    <header class="page-header">
      <h1 class="wordmark">{TEXT.name}</h1>
      <Seal />
      <ModelChip />
      <NewChatButton />
    </header>
  );
}

/** The seal: counted, not decorative. It opens the account of what is stored and what was sent. */
function Seal(): VNode {
  const { network, panel, model } = useApp();
  const { since, count } = network.value;
  const isFetching = model.state.value.kind === 'arriving';
  return (
    <button type="button" class="pill seal" onClick={() => (panel.value = 'privacy')} title={TEXT.seal.open}>
      <SealIcon />
      <span class="seal-place">{isFetching ? TEXT.seal.fetching : TEXT.seal.here}</span>
      {since !== null && (
        <span class="seal-count figures">
          {TEXT.seal.counted(count)} <span class="seal-since">{TEXT.seal.since(since)}</span>
        </span>
      )}
    </button>
  );
}

/** The model chip: name, size, backend, speed. */
function ModelChip(): VNode {
  const { model, chat, panel } = useApp();
  const state = model.state.value;
  const subject = subjectOf(state);
  const rate = chat.rate.value;
  return (
    <button type="button" class="pill chip" onClick={() => (panel.value = 'model')} title={TEXT.chip.open}>
      <span class="chip-name">{subject?.name ?? TEXT.chip.none}</span>
      {subject !== null && <span class="chip-detail figures">{formatBytes(subject.size)}</span>}
      {state.kind === 'ready' && (
        <span class="chip-detail figures">{TEXT.chip.backend(state.model.backend, state.model.threads)}</span>
      )}
      {rate !== null && <span class="chip-rate figures">{TEXT.chip.rate(rate)}</span>}
    </button>
  );
}

export function NewChatButton(): VNode {
  const { chat } = useApp();
  return (
    <button type="button" class="new-chat" onClick={chat.clear} disabled={chat.conversation.value.turns.length === 0}>
      <PlusIcon />
      <span>{TEXT.conversation.newChat}</span>
    </button>
  );
}
