import type { VNode } from 'preact';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { subjectOf } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { type Fact, FactList } from './fact-list.tsx';

const { facts } = TEXT.model;

/** What is known of the model and of how it runs here, as a list of names and values; while it is not ready, its state has named it. */
export function ModelFacts(): VNode | null {
  const { model, chat } = useApp();
  const state = model.state.value;
  const subject = subjectOf(state);
  if (subject === null) return null;
  const manifest = subject.origin.kind === 'catalogue' ? subject.origin.manifest : null;
  const loaded = state.kind === 'ready' ? state.model : null;
  const parameters = loaded?.parameters ?? manifest?.parameters;
  const contextLength = loaded?.contextLength ?? manifest?.contextLength;
  const medium = manifest === null ? 'file' : model.stored.value.find(({ id }) => id === manifest.id)?.medium;
  const rate = chat.rate.value;

  const rows: readonly Fact[] = [
    [facts.backend, loaded === null ? undefined : TEXT.chip.backend(loaded.backend, loaded.threads)],
    [
      facts.engineReason,
      loaded?.engineReason === undefined ? undefined : TEXT.model.engineReasons[loaded.engineReason],
    ],
    [facts.trial, loaded?.engineTrial && TEXT.model.trial(loaded.engineTrial.gpuMs, loaded.engineTrial.cpuMs)],
    [facts.rate, rate === null ? undefined : TEXT.chip.rate(rate)],
    [facts.size, formatBytes(subject.size, 1)],
    [facts.parameters, parameters === undefined ? undefined : TEXT.model.parameters(parameters)],
    [facts.quantisation, loaded?.quantisation ?? manifest?.quantisation],
    [facts.context, contextLength === undefined ? undefined : TEXT.model.tokens(contextLength)],
    [facts.memory, loaded === null ? undefined : formatBytes(loaded.memoryBytes)],
    [facts.load, loaded === null ? undefined : TEXT.model.milliseconds(loaded.loadMs)],
    [facts.licence, manifest?.licence.id],
    [facts.stored, medium === undefined ? undefined : TEXT.model.storedIn[medium]],
  ];
  return (
    <div class="facts">
      {state.kind === 'ready' && <h3 class="facts-title">{subject.name}</h3>}
      <FactList facts={rows} />
    </div>
  );
}
