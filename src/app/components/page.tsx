import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { askedLink } from '../render/index.ts';
import { TEXT } from '../text.ts';
import { Composer, MESSAGE_BOX_ID } from './composer.tsx';
import { ConversationView } from './conversation-view.tsx';
import { DropTarget } from './file-picker.tsx';
import { Header } from './header.tsx';
import { LazyPanel } from './lazy-panel.tsx';
import { LiveRegion } from './live-region.tsx';
import { LockedScreen } from './locked-screen.tsx';
import { ModelPanel } from './model-panel.tsx';
import { useShortcuts } from './shortcuts.ts';
import { ChatsPanel, Sidebar } from './sidebar.tsx';

/** The whole page: two columns where there is room, one below; the composer is always where it was. */
export function Page(): VNode {
  const { panel, passage, vault, isShut } = useApp();
  useShortcuts();
  if (isShut.value) {
    return (
      <div class="page">
        <Header />
        {vault.state.value === 'locked' ? <LockedScreen /> : <LazyPanel name="requiredVault" />}
        {panel.value === 'model' && <ModelPanel />}
        {panel.value === 'privacy' && <LazyPanel name="privacy" />}
      </div>
    );
  }
  return (
    <div class="page">
      <a class="skip" href={`#${MESSAGE_BOX_ID}`}>
        {TEXT.skip}
      </a>
      <Header />
      <Sidebar />
      <ConversationView />
      <Composer />
      {panel.value === 'model' && <ModelPanel />}
      {panel.value === 'models' && <LazyPanel name="models" />}
      {panel.value === 'chats' && <ChatsPanel />}
      {panel.value === 'chat' && <LazyPanel name="chat" />}
      {panel.value === 'commands' && <LazyPanel name="commands" />}
      {panel.value === 'documents' && <LazyPanel name="documents" />}
      {panel.value === 'settings' && <LazyPanel name="settings" />}
      {panel.value === 'privacy' && <LazyPanel name="privacy" />}
      {passage.value !== null && <LazyPanel name="passage" />}
      {askedLink.value !== null && <LazyPanel name="link" />}
      <DropTarget />
      <LiveRegion />
    </div>
  );
}
