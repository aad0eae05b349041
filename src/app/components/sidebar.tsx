import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { FilePicker } from './file-picker.tsx';
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
        <FilePicker />
        <button type="button" class="quiet" onClick={() => (panel.value = 'privacy')}>
          {TEXT.privacy.open}
        </button>
      </div>
    </aside>
  );
}
