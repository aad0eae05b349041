import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { IconButton } from './icon-button.tsx';
import { CheckIcon, HiddenIcon, SettingsIcon, WarningIcon } from './icons.tsx';
import { sayFailure } from './say-failure.ts';

/** Whose turn it is to be kept: the chat's title, whether it is saved, and the way to its settings. */
export function ConversationHeader(): VNode | null {
  const { chat, panel } = useApp();
  const { chat: record, isTemporary, messageCount } = chat.outline.value;
  if (messageCount === 0 && !isTemporary) return null;
  return (
    <div class="conversation-header">
      <h2 class="conversation-title" dir="auto">
        {isTemporary ? TEXT.conversation.temporary : record.title || TEXT.chats.untitled}
      </h2>
      <SavingState />
      <IconButton label={TEXT.conversation.settings} onClick={() => (panel.value = 'chat')}>
        <SettingsIcon />
      </IconButton>
    </div>
  );
}

function SavingState(): VNode {
  const { chat } = useApp();
  const saving = chat.keeper.saving.value;
  if (chat.outline.value.isTemporary) {
    return (
      <span class="saving muted small" title={TEXT.conversation.temporaryNote}>
        <HiddenIcon />
      </span>
    );
  }
  if (saving.kind === 'unsaved') {
    return (
      <span class="saving unsaved small" title={sayFailure(saving.failure).what}>
        <WarningIcon />
        {TEXT.conversation.unsaved}
        <button type="button" class="compact" onClick={chat.keeper.retry}>
          {TEXT.conversation.saveAgain}
        </button>
      </span>
    );
  }
  // An answer that grows is written every few seconds; it is saved when it is finished.
  const isSaved = saving.kind === 'saved' && !chat.isAnswering.value;
  const text = isSaved ? TEXT.conversation.saved : TEXT.conversation.saving;
  return (
    <span class="saving muted small" data-saved={isSaved}>
      <CheckIcon />
      <span class="saving-text">{text}</span>
    </span>
  );
}
