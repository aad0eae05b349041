import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';

/** Short replies below the last answer: one press, and the model goes on. The person's own, or those of the page's language. */
export function QuickReplies(): VNode | null {
  const { chat, settings, model } = useApp();
  const replies = settings.settings.value.quickReplies ?? TEXT.answer.replies;
  const last = chat.branch.value.at(-1);
  const isOffered =
    last?.role === 'assistant' &&
    last.state.kind === 'finished' &&
    !chat.isAnswering.value &&
    model.state.value.kind === 'ready';
  if (!isOffered || replies.length === 0) return null;
  return (
    <ul class="quick-replies" aria-label={TEXT.answer.quickReplies}>
      {replies.map((reply) => (
        <li key={reply}>
          <button type="button" class="pill" dir="auto" onClick={() => void chat.ask(reply)}>
            {reply}
          </button>
        </li>
      ))}
    </ul>
  );
}
