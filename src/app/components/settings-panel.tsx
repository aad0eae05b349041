import type { ComponentChildren, VNode } from 'preact';
import { useApp } from '../app-context.ts';
import {
  applyDisplayChoice,
  type DisplayChoice,
  LANGUAGES,
  permittedLanguages,
  readDisplayChoice,
  writeDisplayChoice,
} from '../i18n/index.ts';
import type { EngineWish } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { ExchangeSection } from './exchange-section.tsx';
import { FailureText } from './model-status.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { Personas } from './personas.tsx';
import { Readings } from './readings.tsx';

const text = TEXT.settings;

/** What holds for the whole app. Every change is kept at once; there is nothing to confirm. */
export function SettingsPanel(): VNode {
  const { panel, settings, policy } = useApp();
  const { systemPrompt, parameters, naming, sendWith, hasShortcuts, completesSentences, quickReplies } =
    settings.settings.value;
  const failure = settings.failure.value;
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        panel.value = null;
      }}
    >
      {failure !== null && <FailureText failure={failure} />}
      <Display />
      <Section title={text.answers}>
        <div class="fields">
          <label>
            {text.systemPrompt}
            <textarea
              rows={3}
              dir="auto"
              autocomplete="off"
              defaultValue={systemPrompt ?? ''}
              onChange={({ currentTarget: { value } }) =>
                settings.change({ systemPrompt: value.trim() === '' ? null : value })
              }
            />
          </label>
        </div>
        <details class="more">
          <summary>{TEXT.chatSettings.parameters}</summary>
          <p class="muted small">{TEXT.chatSettings.parametersHint}</p>
          <ParameterFields parameters={parameters} onChange={(next) => settings.change({ parameters: next })} />
        </details>
      </Section>
      <EngineSection />
      <Section title={text.personas}>
        <Personas />
      </Section>
      <Section title={text.writing}>
        <div class="fields">
          <Choice
            label={text.naming}
            value={naming}
            options={text.namings}
            onChange={(value) => settings.change({ naming: value })}
          />
          <Choice
            label={text.sendWith}
            value={sendWith}
            options={text.sendKeys}
            onChange={(value) => settings.change({ sendWith: value })}
          />
          <Switch
            label={text.shortcuts}
            isOn={hasShortcuts}
            onChange={(isOn) => settings.change({ hasShortcuts: isOn })}
          />
          <Switch
            label={text.completes}
            hint={text.completesHint}
            isOn={completesSentences}
            onChange={(isOn) => settings.change({ completesSentences: isOn })}
          />
          <label>
            {text.quickReplies}
            <textarea
              rows={3}
              dir="auto"
              autocomplete="off"
              defaultValue={(quickReplies ?? TEXT.answer.replies).join('\n')}
              onChange={({ currentTarget: { value } }) => settings.change({ quickReplies: linesOf(value) })}
            />
            <span class="muted small">{text.quickRepliesHint}</span>
          </label>
        </div>
      </Section>
      <Section title={text.chats}>
        <Readings />
        {(policy.features.import || policy.features.export) && <ExchangeSection />}
      </Section>
    </Dialog>
  );
}

function linesOf(value: string): readonly string[] {
  const lines = value.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter(Boolean))];
}

function Display(): VNode {
  const { chat } = useApp();
  const choice = readDisplayChoice();
  const languages = Object.fromEntries(permittedLanguages().map((name) => [name, LANGUAGES[name]])) as typeof LANGUAGES;
  const change = (next: Partial<DisplayChoice>) => {
    writeDisplayChoice({ ...choice, ...next });
    // Words are chosen once, when the page starts; colours follow at once.
    if (next.language === undefined) applyDisplayChoice();
    else void chat.leave().then(() => location.reload());
  };
  return (
    <Section title={text.look}>
      <div class="fields columns">
        <Choice<Exclude<DisplayChoice['language'], 'pseudo'>>
          label={text.language}
          value={choice.language}
          options={{ auto: text.automatic, ...languages }}
          onChange={(language) => change({ language })}
        />
        <Choice label={text.theme} value={choice.theme} options={text.themes} onChange={(theme) => change({ theme })} />
      </div>
      <p class="muted small">{text.languageHint}</p>
    </Section>
  );
}

/** Which engine runs the model, which one does now, and why. */
function EngineSection(): VNode {
  const { model } = useApp();
  const state = model.state.value;
  const loaded = state.kind === 'ready' ? state.model : null;
  const choice = model.engineChoice.value;
  const { engineReason, engineTrial } = loaded ?? {};
  const why = [
    engineReason === undefined ? '' : TEXT.model.engineReasons[engineReason],
    engineTrial === undefined ? '' : TEXT.model.trial(engineTrial.gpuMs, engineTrial.cpuMs),
  ];
  return (
    <Section title={text.engine}>
      <div class="fields">
        <Choice<EngineWish>
          label={text.engine}
          value={choice.engine}
          options={text.engines}
          onChange={(engine) => void model.useEngine({ engine })}
        />
      </div>
      {loaded !== null && (
        <p class="muted small figures">
          {text.engineNow(TEXT.chip.backend(loaded.backend, loaded.threads), why.filter(Boolean).join(', '))}
        </p>
      )}
      <p class="muted small">{model.isEngineForced ? text.engineForced : text.engineHint}</p>
      <Running />
      <p>
        <a href="./bench.html">{text.benchmark}</a>
      </p>
    </Section>
  );
}

/** What else can be asked of the engine. */
function Running(): VNode {
  const { model, settings } = useApp();
  const { power, kvCache, draftModel } = model.engineChoice.value;
  const state = model.state.value;
  const running = state.kind === 'ready' ? state.model.id : null;
  // None guesses for itself; one that was chosen while another ran stays chosen.
  const here = model.choices.value.filter(({ id, isHere }) => isHere && (id !== running || id === draftModel));
  return (
    <details class="more">
      <summary>{text.running}</summary>
      <div class="fields">
        <Choice
          label={text.power}
          value={power}
          options={text.powers}
          onChange={(value) => void model.useEngine({ power: value })}
        />
        <Choice
          label={text.kvCache}
          value={kvCache}
          options={text.kvCaches}
          onChange={(value) => void model.useEngine({ kvCache: value })}
        />
        <Choice
          label={text.draftModel}
          value={draftModel ?? ''}
          options={{ '': text.draftNone, ...Object.fromEntries(here.map(({ id, name }) => [id, name])) }}
          onChange={(value) => void model.useEngine({ draftModel: value === '' ? null : value })}
        />
        <p class="muted small">{text.draftHint}</p>
        <Switch
          label={text.pausesHidden}
          isOn={settings.settings.value.pausesHidden}
          onChange={(isOn) => settings.change({ pausesHidden: isOn })}
        />
      </div>
    </details>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }): VNode {
  return (
    <section class="panel-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value | string;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>): VNode {
  const entries = Object.entries(options) as [Value, string][];
  return (
    <label>
      {label}
      <select
        onChange={({ currentTarget }) => {
          const chosen = entries.find(([known]) => known === currentTarget.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {entries.map(([name, shown]) => (
          <option key={name} value={name} selected={name === value}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Switch({ label, hint, isOn, onChange }: SwitchProps): VNode {
  return (
    <div>
      <label class="switch">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
        {label}
      </label>
      {hint !== undefined && <p class="muted small">{hint}</p>}
    </div>
  );
}
