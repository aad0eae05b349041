import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';

interface MessageEditorProps {
  readonly text: string;
  /** A question is sent again; an answer is only kept. */
  readonly isQuestion: boolean;
  readonly onDone: (text: string) => void;
  readonly onCancel: () => void;
}

/** Edits a message where it stands. The old one stays, as a branch beside the new one. */
export function MessageEditor({ text, isQuestion, onDone, onCancel }: MessageEditorProps): VNode {
  const { chat, model } = useApp();
  const draft = useSignal(text);
  const box = useRef<HTMLTextAreaElement>(null);
  // With the box, not after the next picture: what is selected or typed at once would lose its place.
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
  }, []);
  // While an answer is written, or nobody is there to give one, nothing is taken: the words stay where they are.
  const isOff = chat.isAnswering.value || (isQuestion && model.state.value.kind !== 'ready');
  const canEnd = !isOff && draft.value.trim() !== '';
  const done = () => {
    if (canEnd) onDone(draft.value);
  };
  return (
    <form
      class="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <textarea
        ref={box}
        dir="auto"
        autocomplete="off"
        aria-label={TEXT.conversation.editLabel}
        value={draft.value}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.stopPropagation();
            onCancel();
          }
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && isQuestion) {
            event.preventDefault();
            done();
          }
        }}
      />
      <div class="buttons">
        <button type="submit" class="primary compact" aria-disabled={!canEnd}>
          {isQuestion ? TEXT.conversation.editSend : TEXT.conversation.editKeep}
        </button>
        <button type="button" class="compact" onClick={onCancel}>
          {TEXT.conversation.cancel}
        </button>
      </div>
    </form>
  );
}
