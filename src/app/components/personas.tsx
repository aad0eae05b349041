import type { VNode } from 'preact';
import type { Persona } from '../../storage/settings/index.ts';
import { useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';
import { IconButton } from './icon-button.tsx';
import { DeleteIcon, PlusIcon } from './icons.tsx';

const text = TEXT.settings;

/** Named instructions: a chat takes one over and may change it. */
export function Personas(): VNode {
  const { settings } = useApp();
  const { personas } = settings.settings.value;
  const change = (id: string, change: Partial<Persona>) =>
    settings.change({ personas: personas.map((persona) => (persona.id === id ? { ...persona, ...change } : persona)) });
  return (
    <>
      {personas.map((persona) => (
        <div class="persona fields" key={persona.id}>
          <div class="persona-head">
            <label class="grow">
              <span class="visually-hidden">{text.personaName}</span>
              <input
                type="text"
                dir="auto"
                maxLength={100}
                autocomplete="off"
                placeholder={text.personaName}
                defaultValue={persona.name}
                onChange={({ currentTarget: { value } }) => change(persona.id, { name: value.trim() })}
              />
            </label>
            <IconButton
              label={text.personaRemove(persona.name)}
              onClick={() => settings.change({ personas: personas.filter(({ id }) => id !== persona.id) })}
            >
              <DeleteIcon />
            </IconButton>
          </div>
          <label>
            <span class="visually-hidden">{TEXT.chatSettings.systemPrompt}</span>
            <textarea
              rows={2}
              dir="auto"
              autocomplete="off"
              placeholder={TEXT.chatSettings.systemPrompt}
              defaultValue={persona.systemPrompt}
              onChange={({ currentTarget: { value } }) => change(persona.id, { systemPrompt: value })}
            />
          </label>
        </div>
      ))}
      <button
        type="button"
        class="compact"
        onClick={() => {
          const persona = { id: crypto.randomUUID(), name: '', systemPrompt: '', parameters: {} };
          settings.change({ personas: [...personas, persona] });
        }}
      >
        <PlusIcon />
        {text.personaAdd}
      </button>
    </>
  );
}

/** Takes the words of a persona over into the open chat. */
export function PersonaChoice(): VNode | null {
  const { settings, chat } = useApp();
  const personas = settings.settings.value.personas.filter(({ name }) => name !== '');
  if (personas.length === 0) return null;
  const { systemPrompt } = chat.open.value.chat;
  return (
    <label>
      {text.persona}
      <select
        onChange={({ currentTarget }) => {
          const persona = personas.find(({ id }) => id === currentTarget.value);
          chat.change({
            systemPrompt: persona?.systemPrompt ?? null,
            ...(persona === undefined ? {} : { parameters: persona.parameters }),
          });
        }}
      >
        <option value="">{text.personaNone}</option>
        {personas.map(({ id, name, systemPrompt: words }) => (
          <option key={id} value={id} selected={words === systemPrompt}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
