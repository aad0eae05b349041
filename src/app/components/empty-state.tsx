import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { ModelStatus } from './model-status.tsx';
import { PersonaPills } from './persona-pills.tsx';

/** Before the first question: what this is, how far the model is, and where to begin. */
export function EmptyState(): VNode {
  const { chat, model } = useApp();
  const isReady = model.state.value.kind === 'ready';
  const text = TEXT.empty;
  const { isTemporary } = chat.outline.value;
  return (
    <section class="empty">
      <h2>{isReady ? text.title : text.waiting}</h2>
      <p class="lead">{isTemporary ? TEXT.conversation.temporaryNote : text.lead}</p>
      <ModelStatus />
      {!isReady && !isTemporary && <p class="muted small">{text.stays}</p>}
      <PersonaPills />
      {isReady && (
        <ul class="suggestions" aria-label={text.suggestionsLabel}>
          {text.suggestions.map((suggestion) => (
            <li key={suggestion}>
              <button type="button" onClick={() => void chat.ask(suggestion)}>
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
