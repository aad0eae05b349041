import { useComputed } from '@preact/signals';
import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { ConversationHeader } from './conversation-header.tsx';
import { EmptyState } from './empty-state.tsx';
import { DownIcon } from './icons.tsx';
import { LazyPanel } from './lazy-panel.tsx';
import { MessageList } from './message-list.tsx';
import { ModelStatus } from './model-status.tsx';
import { Notices } from './notices.tsx';
import { QuickReplies } from './quick-replies.tsx';
import { useStickToEnd } from './use-stick-to-end.ts';

/** The scrolling middle of the page: notices, the empty state or the messages, and the model while it is not ready. */
export function ConversationView(): VNode {
  const { chat } = useApp();
  const { isLoaded, problem } = chat.outline.value;
  // Only how many there are: an answer that grows is drawn by the list alone.
  const count = useComputed(() => chat.branch.value.length).value;
  const { pane, isAtEnd, toEnd } = useStickToEnd(count);
  return (
    <main class="conversation" aria-label={TEXT.conversation.label}>
      <ConversationHeader />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <div class="pane" ref={pane} tabIndex={0}>
        <div class="column">
          <Notices />
          {problem !== null && <LazyPanel name="problem" />}
          {!isLoaded && problem === null && <p class="muted">{TEXT.conversation.opening}</p>}
          {isLoaded && count === 0 && <EmptyState />}
          {count > 0 && (
            <>
              <MessageList />
              <QuickReplies />
              <ModelStatus />
            </>
          )}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end pill" onClick={toEnd}>
          <DownIcon />
          <span class="visually-hidden">{TEXT.conversation.latest}</span>
        </button>
      )}
    </main>
  );
}
