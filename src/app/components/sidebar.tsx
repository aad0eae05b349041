import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { NewChatButton } from './header.tsx';
import { ModelFacts } from './model-facts.tsx';

/** The second column of a wide page: this chat, this model, this device, in plain words. */
export function Sidebar(): VNode {
  const { panel } = useApp();
  return (
    <aside class="sidebar" aria-label={TEXT.model.title}>
      <NewChatButton />
      <p class="muted small">{TEXT.conversation.forgotten}</p>
      <div class="sidebar-foot">
        <ModelFacts />
        <button type="button" onClick={() => (panel.value = 'model')}>
          {TEXT.model.open}
        </button>
        <button type="button" class="quiet" onClick={() => (panel.value = 'privacy')}>
          {TEXT.privacy.title}
        </button>
      </div>
    </aside>
  );
}
