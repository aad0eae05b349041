import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { ChatParameters } from '../../storage/chats/index.ts';
import { useApp } from '../app-context.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { ShareChat } from './exchange-section.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { PersonaChoice } from './personas.tsx';

const text = TEXT.chatSettings;

/** Everything that belongs to the open chat: its name and place, what the model is told, how it answers, its end. */
export function ChatPanel(): VNode {
  const { chat, panel } = useApp();
  const { isTemporary, chat: record } = chat.outline.value;
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        panel.value = null;
      }}
    >
      {!isTemporary && record.activity > 0 && <Place />}
      <ModelChoice />
      <section class="panel-section">
        <SystemPrompt />
      </section>
      <section class="panel-section">
        <h3>{text.parameters}</h3>
        <p class="muted small">{text.parametersHint}</p>
        <ParameterFields
          parameters={record.parameters}
          onChange={(parameters: ChatParameters) => chat.change({ parameters })}
        />
      </section>
      {record.activity > 0 && <ShareChat />}
      {!isTemporary && record.activity > 0 && <RemoveChat />}
    </Dialog>
  );
}

/** Which model answers here. One runs at a time, so the choice loads it. */
function ModelChoice(): VNode | null {
  const { model, chat } = useApp();
  const choices = model.choices.value;
  const state = model.state.value;
  const running = state.kind === 'ready' ? state.model.id : chat.outline.value.chat.model;
  if (choices.length === 0) return null;
  const isKnown = choices.some(({ id }) => id === running);
  return (
    <section class="panel-section fields">
      <label>
        {text.model}
        <select
          onChange={({ currentTarget: { value } }) => {
            chat.change({ model: value });
            void model.choose(value);
          }}
        >
          {!isKnown && (
            <option value={running ?? ''} selected disabled>
              {subjectOf(state)?.name ?? TEXT.chip.none}
            </option>
          )}
          {choices.map(({ id, name, size, isHere }) => (
            <option key={id} value={id} selected={id === running}>
              {text.modelChoice(name, size, isHere)}
            </option>
          ))}
        </select>
      </label>
      <p class="muted small">{text.modelHint}</p>
    </section>
  );
}

/** Fields begin with what is kept and are read when they are left: drawn again meanwhile, none loses what is being typed. */
function Place(): VNode {
  const { chat, library } = useApp();
  const { chat: record } = chat.outline.value;
  const id = useId();
  const folders = [...new Set(library.chats.value.map(({ folder }) => folder).filter(Boolean))];
  return (
    <section class="fields">
      <label>
        {TEXT.chats.rename}
        <input
          type="text"
          dir="auto"
          maxLength={200}
          autocomplete="off"
          defaultValue={record.title}
          onChange={({ currentTarget: { value } }) => {
            if (value.trim() !== '') chat.change({ title: value.trim(), titledBy: 'person' });
          }}
        />
      </label>
      <label>
        {TEXT.chats.folder}
        <input
          type="text"
          dir="auto"
          list={`${id}-folders`}
          maxLength={100}
          autocomplete="off"
          placeholder={TEXT.chats.folderNone}
          defaultValue={record.folder}
          onChange={({ currentTarget: { value } }) => chat.change({ folder: value.trim() })}
        />
        <datalist id={`${id}-folders`}>
          {folders.map((folder) => (
            <option key={folder} value={folder} />
          ))}
        </datalist>
      </label>
      <label>
        {TEXT.chats.tags}
        <input
          type="text"
          dir="auto"
          maxLength={300}
          autocomplete="off"
          defaultValue={record.tags.join(', ')}
          onChange={({ currentTarget: { value } }) => chat.change({ tags: tagsOf(value) })}
        />
      </label>
      <label class="switch">
        <input
          type="checkbox"
          checked={record.isPinned}
          onChange={({ currentTarget }) => chat.change({ isPinned: currentTarget.checked })}
        />
        {TEXT.chats.pin}
      </label>
    </section>
  );
}

const MOST_TAGS = 20;

function tagsOf(value: string): readonly string[] {
  const tags = value.split(/[,，、]/).map((tag) => tag.trim().replace(/^#/, ''));
  return [...new Set(tags.filter(Boolean))].slice(0, MOST_TAGS);
}

function SystemPrompt(): VNode {
  const { chat } = useApp();
  const { systemPrompt } = chat.outline.value.chat;
  return (
    <div class="fields">
      <PersonaChoice />
      <label>
        {text.systemPrompt}
        <textarea
          key={systemPrompt}
          rows={4}
          dir="auto"
          autocomplete="off"
          defaultValue={systemPrompt ?? ''}
          onChange={({ currentTarget: { value } }) => chat.change({ systemPrompt: value.trim() === '' ? null : value })}
        />
      </label>
      <p class="muted small">{text.systemPromptHint}</p>
    </div>
  );
}

/** Deletion asks once: there is no bin to take it from again. */
function RemoveChat(): VNode {
  const { chat, library, panel } = useApp();
  const isAsking = useSignal(false);
  const { id, title } = chat.outline.value.chat;
  const remove = () => {
    chat.startNew();
    chat.keeper.forget(id);
    void chat.keeper.settled().then(() => library.remove([id]));
    panel.value = null;
  };
  return (
    <section class="panel-section">
      {isAsking.value ? (
        <div class="buttons">
          <span class="grow">{TEXT.chats.removeConfirm(title)}</span>
          <button type="button" class="danger" onClick={remove}>
            {TEXT.chats.removeYes}
          </button>
          <button type="button" onClick={() => (isAsking.value = false)}>
            {TEXT.chats.removeNo}
          </button>
        </div>
      ) : (
        <button type="button" class="danger" onClick={() => (isAsking.value = true)}>
          {TEXT.chats.remove}
        </button>
      )}
    </section>
  );
}
