import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { fraction } from '../format/index.ts';
import { TEXT } from '../text.ts';

/** The thin line below the composer that fills as the context fills, with its numbers. */
export function ContextMeter(): VNode {
  const { chat, contextUse, model } = useApp();
  const state = model.state.value;
  const used = contextUse.value;
  const { droppedMessages } = chat.outline.value;
  const length = state.kind === 'ready' ? state.model.contextLength : 0;
  const numbers = [
    TEXT.composer.context(used, length),
    ...(droppedMessages > 0 ? [TEXT.conversation.dropped(droppedMessages)] : []),
  ].join('. ');
  return (
    <div class="composer-foot">
      {length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> in colours of their own
        <div
          class="meter"
          role="meter"
          aria-label={TEXT.composer.contextLabel}
          aria-valuemin={0}
          aria-valuemax={length}
          aria-valuenow={Math.min(used, length)}
          aria-valuetext={numbers}
          title={numbers}
        >
          <div class="meter-bar" style={{ inlineSize: `${fraction(used, length) * 100}%` }} />
        </div>
      )}
      {droppedMessages > 0 && <p class="muted small">{TEXT.conversation.dropped(droppedMessages)}</p>}
      <p class="muted small">
        <span>
          {TEXT.composer.caution} <span class="caution-advice">{TEXT.composer.cautionAdvice}</span>
        </span>
        {length > 0 && <span class="figures">{TEXT.composer.context(used, length)}</span>}
      </p>
    </div>
  );
}
