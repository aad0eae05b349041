import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { MESSAGE_BOX_ID } from './composer.tsx';
import { IconButton } from './icon-button.tsx';
import { MenuIcon, PlusIcon, SealIcon } from './icons.tsx';

/** Whose page this is, where it runs, and what runs. */
export function Header(): VNode {
  return (
    <header class="page-header">
      <ChatsButton />
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
      <span class="chip-name" dir="auto">
        {subject?.name ?? TEXT.chip.none}
      </span>
      {subject !== null && <span class="chip-detail figures">{formatBytes(subject.size)}</span>}
      {state.kind === 'ready' && (
        <span class="chip-detail figures">{TEXT.chip.backend(state.model.backend, state.model.threads)}</span>
      )}
      {rate !== null && <span class="chip-rate figures">{TEXT.chip.rate(rate)}</span>}
    </button>
  );
}

/** On a narrow page the list of chats lies behind this. */
function ChatsButton(): VNode | null {
  const { panel, isShut } = useApp();
  if (isShut.value) return null;
  return (
    <span class="narrow-only">
      <IconButton label={TEXT.chats.open} onClick={() => (panel.value = 'chats')}>
        <MenuIcon />
      </IconButton>
    </span>
  );
}

export function NewChatButton({ onOpen }: { readonly onOpen?: (() => void) | undefined }): VNode | null {
  const { chat, isShut } = useApp();
  const { messageCount, isTemporary, isLoaded } = chat.outline.value;
  if (isShut.value) return null;
  return (
    <button
      type="button"
      class="new-chat"
      onClick={() => {
        chat.startNew();
        onOpen?.();
        document.getElementById(MESSAGE_BOX_ID)?.focus();
      }}
      disabled={messageCount === 0 && !isTemporary && isLoaded}
    >
      <PlusIcon />
      <span>{TEXT.conversation.newChat}</span>
    </button>
  );
}
