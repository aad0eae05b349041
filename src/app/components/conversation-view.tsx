import type { VNode } from 'preact';
import { useCallback } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { EmptyState } from './empty-state.tsx';
import { DownIcon } from './icons.tsx';
import { ModelStatus } from './model-status.tsx';
import { Notices } from './notices.tsx';
import { TurnView } from './turn-view.tsx';
import { useStickToEnd } from './use-stick-to-end.ts';

/** The scrolling middle of the page: notices, the empty state or the turns, and the model while it is not ready. */
export function ConversationView(): VNode {
  const { chat, model } = useApp();
  const { turns } = chat.conversation.value;
  const modelName = subjectOf(model.state.value)?.name ?? TEXT.name;
  const { pane, isAtEnd, toEnd } = useStickToEnd(turns);
  const retry = useCallback(() => void chat.retry(), [chat]);
  return (
    <main class="conversation" aria-label={TEXT.conversation.label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <div class="pane" ref={pane} tabIndex={0}>
        <div class="column">
          <Notices />
          {turns.length === 0 ? (
            <EmptyState />
          ) : (
            <>
              <ol class="turns">
                {turns.map((turn, index) => (
                  <TurnView
                    key={turn.id}
                    turn={turn}
                    isLast={index === turns.length - 1}
                    modelName={modelName}
                    onRetry={retry}
                  />
                ))}
              </ol>
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
