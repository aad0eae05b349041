import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { isPermitted } from '../../policy/index.ts';
import type { Persona } from '../../storage/settings/index.ts';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { FileButton } from '../pages/index.ts';
import { type Failure, toFailure } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { IconButton } from './icon-button.tsx';
import { DeleteIcon, PlusIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';
import { isTaken, namedPersonas, takePersona } from './persona-pills.tsx';

const text = TEXT.settings;

/** The file that was chosen last for a persona, by its id: a large one may still be on its way to the disk. */
const chosenFiles = new Map<string, File>();

/** Named instructions, with what was trained for them: a chat takes one over and may change its words. */
export function Personas(): VNode {
  const { settings, adapters, policy } = useApp();
  const { personas } = settings.settings.value;
  const change = (id: string, change: Partial<Persona>) =>
    settings.change({
      personas: settings.settings
        .peek()
        .personas.map((persona) => (persona.id === id ? { ...persona, ...change } : persona)),
    });
  const failure = useSignal<Failure | null>(null);
  const takeAdapter = async ({ id: personaId }: Persona, file: File) => {
    failure.value = null;
    chosenFiles.set(personaId, file);
    try {
      const id = await (await adapters()).add(file);
      const adapter = { id, name: file.name, bytes: file.size };
      // Meanwhile the persona may have been deleted, or another file chosen, or none: that holds.
      const persona = settings.settings.peek().personas.find((one) => one.id === personaId);
      if (persona === undefined || chosenFiles.get(personaId) !== file) return await dropAdapter(adapter);
      change(personaId, { adapter });
      await dropAdapter(persona.adapter);
    } catch (error) {
      failure.value = toFailure(error);
    }
  };
  const dropAdapter = async (adapter: Persona['adapter']) => {
    // One that cannot be deleted is in nobody's way; "delete everything" takes it along.
    if (adapter !== null) await (await adapters()).remove(adapter.id).catch(() => {});
  };
  return (
    <>
      {failure.value !== null && <FailureText failure={failure.value} />}
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
              onClick={() => {
                settings.change({ personas: personas.filter(({ id }) => id !== persona.id) });
                void dropAdapter(persona.adapter);
              }}
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
          <div class="buttons">
            <span class="grow muted small" dir="auto">
              {persona.adapter === null
                ? text.adapterNone
                : text.adapter(persona.adapter.name, formatBytes(persona.adapter.bytes))}
            </span>
            {isPermitted(policy, 'file') && (
              <FileButton
                label={text.adapterChoose}
                class="compact"
                accept=".gguf"
                onFiles={([file]) => {
                  if (file !== undefined) void takeAdapter(persona, file);
                }}
              />
            )}
            {persona.adapter !== null && (
              <button
                type="button"
                class="compact"
                onClick={() => {
                  chosenFiles.delete(persona.id);
                  change(persona.id, { adapter: null });
                  void dropAdapter(persona.adapter);
                }}
              >
                {text.adapterRemove}
              </button>
            )}
          </div>
        </div>
      ))}
      <button
        type="button"
        class="compact"
        onClick={() => {
          const persona = { id: crypto.randomUUID(), name: '', systemPrompt: '', parameters: {}, adapter: null };
          settings.change({ personas: [...personas, persona] });
        }}
      >
        <PlusIcon />
        {text.personaAdd}
      </button>
    </>
  );
}

/** Lets the open chat answer as a persona. */
export function PersonaChoice(): VNode | null {
  const app = useApp();
  const personas = namedPersonas(app);
  if (personas.length === 0) return null;
  return (
    <label>
      {text.persona}
      <select
        onChange={({ currentTarget: { value } }) => takePersona(app, personas.find(({ id }) => id === value) ?? null)}
      >
        <option value="">{text.personaNone}</option>
        {personas.map((persona) => (
          <option key={persona.id} value={persona.id} selected={isTaken(app, persona)}>
            {persona.name}
          </option>
        ))}
      </select>
    </label>
  );
}
