import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { ContextMeter } from './context-meter.tsx';
import { IconButton } from './icon-button.tsx';
import { DocumentIcon, SendIcon, StopIcon } from './icons.tsx';
import { useCompletion } from './use-completion.ts';
import { useDraft } from './use-draft.ts';
import { useSend } from './use-send.ts';

const text = TEXT.composer;

/** Id of the message box: the skip link leads here. */
export const MESSAGE_BOX_ID = 'message';

/** A pasted text longer than this is more than a model here reads at once, and than a text box takes without a stutter. */
const LONGEST_PASTE = 100_000;

/** Where messages are written. Enter sends, Shift+Enter breaks the line, Escape stops the answer. */
export function Composer(): VNode {
  const { chat, model, settings, panel, shared, policy, openFiles } = useApp();
  const { collections } = chat.outline.value.chat;
  const { sendWith } = settings.settings.value;
  const written = useDraft();
  const { draft } = written;
  const completion = useCompletion(draft);
  const box = useRef<HTMLTextAreaElement>(null);
  const answering = chat.isAnswering.value;
  const isReady = model.state.value.kind === 'ready';
  const { canSend, isWaiting, send, takeBack } = useSend(written);

  useLayoutEffect(() => {
    // What another app shared becomes a draft: sent by nobody but the person.
    const content = shared.value;
    if (content === null || content.text === '') return;
    draft.value = [draft.peek(), content.text].filter(Boolean).join('\n');
    shared.value = content.files.length > 0 ? { ...content, text: '' } : null;
    box.current?.focus();
  }, [shared.value]);

  useLayoutEffect(() => {
    // Escape stops from anywhere on the page; a dialog that is open takes it first.
    const stop = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]') !== null) return;
      takeBack();
      chat.stop();
    };
    addEventListener('keydown', stop);
    return () => removeEventListener('keydown', stop);
  }, [chat]);

  const submit = () => {
    send();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab' && !event.shiftKey && completion.value !== '') {
      event.preventDefault();
      draft.value += completion.value;
      return;
    }
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    if (sendWith === 'control-enter' && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit();
  };
  /** A very long text becomes a document: the chat then answers from the passages that fit. */
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    if (pasted.length <= LONGEST_PASTE || !policy.features.documents) return;
    event.preventDefault();
    openFiles([new File([pasted], `${TEXT.documents.pasted(Date.now())}.txt`, { type: 'text/plain' })]);
  };
  return (
    <form
      class="composer"
      aria-label={text.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="composer-box">
        {policy.features.documents && (
          <IconButton
            label={collections.length === 0 ? TEXT.documents.attach : TEXT.documents.attached(collections)}
            isPressed={collections.length > 0}
            onClick={() => (panel.value = 'documents')}
          >
            <DocumentIcon />
          </IconButton>
        )}
        <label class="visually-hidden" for={MESSAGE_BOX_ID}>
          {text.label}
        </label>
        <div class="draft">
          <textarea
            ref={box}
            id={MESSAGE_BOX_ID}
            rows={1}
            dir="auto"
            autocomplete="off"
            enterkeyhint="send"
            placeholder={isReady ? text.placeholder : text.placeholderWaiting}
            value={draft.value}
            onInput={(event) => {
              draft.value = event.currentTarget.value;
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          {completion.value !== '' && (
            // The proposal, where it would stand: the typed words are there to take up their room, and cannot be seen.
            <div class="ghost" aria-hidden="true" dir="auto">
              <span>{draft.value}</span>
              {completion.value}
            </div>
          )}
        </div>
        {answering ? (
          <button type="button" class="primary round" onClick={chat.stop}>
            <StopIcon />
            <span class="visually-hidden">{text.stop}</span>
          </button>
        ) : (
          // Not `disabled`: the button stays where the keyboard expects it, and says why it does nothing yet.
          <button
            type="submit"
            class="primary round"
            aria-disabled={!canSend}
            title={isReady || canSend ? text.send : text.waiting}
          >
            <SendIcon />
            <span class="visually-hidden">{text.send}</span>
          </button>
        )}
      </div>
      {isWaiting && (
        <p class="completion muted small" role="status">
          {text.goesOut}
        </p>
      )}
      {completion.value !== '' && (
        <p class="completion muted small" role="status">
          <kbd>Tab</kbd> <span class="visually-hidden">{completion.value}</span>
        </p>
      )}
      <ContextMeter />
    </form>
  );
}
