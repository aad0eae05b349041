import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { ChatList } from './chat-list.tsx';
import { Dialog } from './dialog.tsx';
import { FilePicker } from './file-picker.tsx';
import { NewChatButton } from './header.tsx';
import { HiddenIcon } from './icons.tsx';

/** The second column of a wide page: the chats, and the ways to everything else. */
export function Sidebar(): VNode {
  return (
    <aside class="sidebar" aria-label={TEXT.chats.title}>
      <SidebarContent />
    </aside>
  );
}

/** The same, over a narrow page. */
export function ChatsPanel(): VNode {
  const { panel } = useApp();
  const close = () => {
    panel.value = null;
  };
  return (
    <Dialog title={TEXT.chats.title} onClose={close} class="drawer">
      <SidebarContent onOpen={close} />
    </Dialog>
  );
}

function SidebarContent({ onOpen }: { readonly onOpen?: () => void }): VNode {
  const { chat, panel, policy } = useApp();
  const { documents, temporaryChat } = policy.features;
  return (
    <>
      <div class="sidebar-head">
        <NewChatButton onOpen={onOpen} />
        {temporaryChat && (
          <button
            type="button"
            class="quiet icon-only"
            title={TEXT.chats.newTemporary}
            onClick={() => {
              chat.startNew({ isTemporary: true });
              onOpen?.();
            }}
          >
            <HiddenIcon />
            <span class="visually-hidden">{TEXT.chats.newTemporary}</span>
          </button>
        )}
      </div>
      <ChatList {...(onOpen === undefined ? {} : { onOpen })} />
      <Retention />
      <div class="sidebar-foot">
        <FilePicker />
        <div class="sidebar-links">
          <button type="button" class="quiet" onClick={() => (panel.value = 'commands')}>
            {TEXT.commands.title}
          </button>
          {documents && (
            <button type="button" class="quiet" onClick={() => (panel.value = 'documents')}>
              {TEXT.documents.title}
            </button>
          )}
          <button type="button" class="quiet" onClick={() => (panel.value = 'settings')}>
            {TEXT.settings.open}
          </button>
          <button type="button" class="quiet" onClick={() => (panel.value = 'privacy')}>
            {TEXT.privacy.open}
          </button>
          <a class="button quiet" href="./flows.html">
            {TEXT.links.flows}
          </a>
          <a class="button quiet" href="./experts.html">
            {TEXT.links.experts}
          </a>
          <a class="button quiet" href="./bench.html">
            {TEXT.links.benchmark}
          </a>
        </div>
      </div>
    </>
  );
}

/** A rule that deletes is said where what it deletes is seen. */
function Retention(): VNode | null {
  const { retention, policy } = useApp();
  const rule = retention.value;
  return rule && <p class="muted small retention">{TEXT.policy.retention(rule.days, policy.organisation)}</p>;
}
