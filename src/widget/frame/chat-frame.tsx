import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { MarkdownLater } from '../../app/render/index.ts';
import type { WidgetSettings } from '../../protocol/index.ts';
import type { Words } from '../text/index.ts';
import { ActionSheet } from './action-sheet.tsx';
import type { Assistant } from './assistant.ts';
import { ModelState } from './model-state.tsx';
import { Sources } from './sources.tsx';

interface ChatFrameProps {
  readonly assistant: Assistant;
  readonly words: Words;
  readonly settings: WidgetSettings;
  readonly language: string;
  /** The browser keeps this frame's storage apart from that of the same origin elsewhere. */
  readonly isPartitioned: boolean;
  readonly onClose: () => void;
  /** Shows a page of the intranet: the person asked for it. */
  readonly onLink: (address: string) => void;
}

/** The whole of the frame: title, what was said, where the model is, the place to write. */
export function ChatFrame(props: ChatFrameProps): VNode {
  const { assistant, words, settings, language, isPartitioned, onClose, onLink } = props;
  const turns = assistant.turns.value;
  const phase = assistant.phase.value;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: 'end' }), [turns]);
  const isSingle = phase.kind === 'ready' && phase.threads === 1 && !crossOriginIsolated;
  return (
    <main
      class="frame"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && settings.isClosable) onClose();
      }}
    >
      <header class="head">
        <h1>{settings.title ?? words.title}</h1>
        <p class="seal" title={words.onDeviceNote}>
          {words.onDevice}
        </p>
        {turns.length > 0 && (
          <IconButton label={words.clear} path="M12 5v14M5 12h14" onClick={() => assistant.clear()} />
        )}
        {settings.isClosable && <IconButton label={words.close} path="M6 6l12 12M18 6L6 18" onClick={onClose} />}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <div class="said" role="log" aria-live="off" aria-label={settings.title ?? words.title} tabIndex={0}>
        {turns.length === 0 && <p class="welcome">{settings.welcome ?? words.welcome}</p>}
        {turns.map(({ role, text, sources = [] }, index) => (
          <article key={index} class={`turn ${role}`} aria-label={role === 'user' ? words.you : words.assistant}>
            {role === 'user' ? <p>{text}</p> : <MarkdownLater text={text} />}
            {sources.length > 0 && <Sources sources={sources} words={words} onLink={onLink} />}
          </article>
        ))}
        <div ref={end} />
      </div>
      <ActionSheet actions={assistant.actions} words={words} />
      <ModelState assistant={assistant} words={words} language={language} />
      <Composer assistant={assistant} words={words} placeholder={settings.placeholder} />
      <footer class="foot">
        <p>{words.caution}</p>
        {assistant.context.value !== null && <p>{words.contextUsed}</p>}
        {isSingle && <p>{words.singleThread}</p>}
        {isPartitioned && phase.kind === 'asking' && <p>{words.partitioned}</p>}
      </footer>
      <Announcer assistant={assistant} words={words} />
    </main>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly path: string;
  readonly onClick: () => void;
}

function IconButton({ label, path, onClick }: IconButtonProps): VNode {
  return (
    <button type="button" class="icon" aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}

function Composer({
  assistant,
  words,
  placeholder,
}: {
  readonly assistant: Assistant;
  readonly words: Words;
  readonly placeholder: string | null;
}): VNode {
  const draft = useSignal('');
  const isAnswering = assistant.isAnswering.value;
  const send = () => {
    if (assistant.isAnswering.value || draft.value.trim() === '') return;
    void assistant.ask(draft.value);
    draft.value = '';
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        rows={2}
        aria-label={words.message}
        placeholder={placeholder ?? words.message}
        value={draft.value}
        disabled={assistant.phase.value.kind !== 'ready'}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {isAnswering ? (
        <button type="button" class="primary" onClick={() => assistant.stop()}>
          {words.stop}
        </button>
      ) : (
        <button type="submit" class="primary" disabled={draft.value.trim() === ''}>
          {words.send}
        </button>
      )}
    </form>
  );
}

/** Says when an answer begins and when it is there, with its words; not each token. */
function Announcer({ assistant, words }: { readonly assistant: Assistant; readonly words: Words }): VNode {
  const last = assistant.turns.value.at(-1);
  const isAnswering = assistant.isAnswering.value;
  const text = isAnswering ? words.answering : last?.role === 'assistant' ? `${words.answered} ${last.text}` : '';
  return (
    <p class="hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
