import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { type App, useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { MODIFIER, startNew } from './shortcuts.ts';

const text = TEXT.commands;

interface Command {
  readonly id: string;
  readonly name: string;
  /** As it is shown: "Ctrl K". */
  readonly keys?: string;
  readonly run: () => void;
}

/** Chats offered below the commands. */
const MOST_CHATS = 20;

function commandsOf(app: App): readonly Command[] {
  const { chat, panel, vault, policy } = app;
  const { temporaryChat, documents } = policy.features;
  const open = (name: NonNullable<typeof panel.value>) => () => {
    panel.value = name;
  };
  return [
    { id: 'new', name: TEXT.conversation.newChat, keys: `${MODIFIER} Shift O`, run: () => startNew(app, false) },
    ...(temporaryChat
      ? [
          {
            id: 'temporary',
            name: TEXT.chats.newTemporary,
            keys: `${MODIFIER} Shift I`,
            run: () => startNew(app, true),
          },
        ]
      : []),
    ...(documents ? [{ id: 'documents', name: TEXT.documents.title, run: open('documents') }] : []),
    { id: 'chat', name: TEXT.conversation.settings, run: open('chat') },
    { id: 'model', name: TEXT.model.title, run: open('model') },
    { id: 'models', name: TEXT.model.all, run: open('models') },
    { id: 'settings', name: TEXT.settings.title, keys: `${MODIFIER} ,`, run: open('settings') },
    { id: 'privacy', name: TEXT.privacy.open, run: open('privacy') },
    ...(chat.isAnswering.value ? [{ id: 'stop', name: TEXT.composer.stop, keys: 'Esc', run: chat.stop }] : []),
    ...(vault.state.value === 'open' ? [{ id: 'lock', name: TEXT.vault.lock, run: vault.lock }] : []),
  ];
}

/** Everything this page can do, and every chat, by name. */
export function CommandPalette(): VNode {
  const app = useApp();
  const { library, chat, panel } = app;
  const query = useSignal('');
  const chosen = useSignal(0);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  useLayoutEffect(() => input.current?.focus(), []);

  const wanted = query.value.trim().toLowerCase();
  const matches = (name: string) => name.toLowerCase().includes(wanted);
  const chats = library.chats.value
    .filter(({ title }) => wanted === '' || matches(title))
    .slice(0, MOST_CHATS)
    .map(({ id, title }): Command => ({ id, name: title || TEXT.chats.untitled, run: () => void chat.openChat(id) }));
  const entries = [...commandsOf(app).filter(({ name }) => matches(name)), ...chats];
  const index = Math.min(chosen.value, entries.length - 1);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    panel.value = null;
    // After this dialog has gone: it gives the focus back when it closes.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      chosen.value = (index + step + entries.length) % entries.length;
      document.getElementById(`${listId}-${chosen.value}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      run(entries[index]);
    }
  };
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        if (panel.value === 'commands') panel.value = null;
      }}
    >
      <input
        ref={input}
        type="text"
        role="combobox"
        dir="auto"
        autocomplete="off"
        aria-label={text.search}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={index >= 0 ? `${listId}-${index}` : undefined}
        placeholder={text.search}
        value={query.value}
        onInput={({ currentTarget }) => {
          query.value = currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label={text.title} class="commands">
        {entries.map((command, place) => (
          // The keyboard reaches options through the box above, as a combobox has it.
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={command.id}
            id={`${listId}-${place}`}
            role="option"
            class="command"
            aria-selected={place === index}
            onClick={() => run(command)}
          >
            <span class="command-name" dir="auto">
              {command.name}
            </span>
            {command.keys !== undefined && <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      {entries.length === 0 && <p class="muted">{text.none}</p>}
    </Dialog>
  );
}
