import type { VNode } from 'preact';
import type { Persona } from '../../storage/settings/index.ts';
import { type App, useApp } from '../app-context.ts';
import { TEXT } from '../text.ts';

/** Personas that can be chosen: one without a name is still being made. */
export function namedPersonas({ settings }: App): readonly Persona[] {
  return settings.settings.value.personas.filter(({ name }) => name !== '');
}

/** Whether the open chat answers as this persona. */
export function isTaken({ chat }: App, { systemPrompt, adapter }: Persona): boolean {
  const { chat: record } = chat.outline.value;
  return record.systemPrompt === systemPrompt && record.adapter === (adapter?.id ?? null);
}

/** The open chat takes over a persona's words and what was trained for it; null: the model as it is. */
export function takePersona({ chat }: App, persona: Persona | null): void {
  chat.change({
    systemPrompt: persona?.systemPrompt ?? null,
    adapter: persona?.adapter?.id ?? null,
    ...(persona === null ? {} : { parameters: persona.parameters }),
  });
}

/** Who is to answer, before the first question. */
export function PersonaPills(): VNode | null {
  const app = useApp();
  const personas = namedPersonas(app);
  if (personas.length === 0) return null;
  return (
    <ul class="persona-pills" aria-label={TEXT.settings.personas}>
      {personas.map((persona) => {
        const isChosen = isTaken(app, persona);
        return (
          <li key={persona.id}>
            <button
              type="button"
              class="pill"
              dir="auto"
              aria-pressed={isChosen}
              onClick={() => takePersona(app, isChosen ? null : persona)}
            >
              {persona.name}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
