import { computed, signal } from '@preact/signals';
import { TEXT } from '../text.ts';
import type { DataState } from './data-state.ts';
import type { TrainingState } from './training-state.ts';

/** Rows that wait for a label, shown one at a time. */
const MOST_QUEUED = 200;

/** Why a row is asked about. */
export type Reason = 'disputed' | 'uncertain' | 'next';

export interface Question {
  readonly text: string;
  readonly reason: Reason;
  /** What the expert guesses, or what the file says. */
  readonly guesses: readonly string[];
  readonly score: number | null;
}

/** Labelling by hand: what would teach most comes first. */
export function createLabelState(data: DataState, training: TrainingState) {
  const skipped = signal<ReadonlySet<string>>(new Set());
  /** What was said here, newest last: it can be taken back. */
  const said = signal<readonly string[]>([]);
  const message = signal('');
  const queue = computed<readonly Question[]>(() => {
    const { raw, disputed } = data.sorted.value;
    const open = new Set(raw);
    const uncertain = (training.trained.value?.uncertain ?? []).filter(({ text }) => open.has(text.trim()));
    const first = new Set(uncertain.map(({ text }) => text.trim()));
    const all: readonly Question[] = [
      ...disputed.map(({ text, labels }) => ({ text, reason: 'disputed' as const, guesses: labels, score: null })),
      ...uncertain.map(({ text, label, score }) => ({
        text: text.trim(),
        reason: 'uncertain' as const,
        guesses: [label],
        score,
      })),
      ...raw
        .filter((text) => !first.has(text))
        .slice(0, MOST_QUEUED)
        .map((text) => ({ text, reason: 'next' as const, guesses: [], score: null })),
    ];
    return all.filter(({ text }) => !skipped.value.has(text));
  });
  const current = computed(() => queue.value[0] ?? null);
  const choose = (label: string) => {
    const { value } = current;
    if (value === null || label === '') return;
    said.value = [...said.value, value.text];
    data.say(value.text, label);
    message.value = TEXT.labelled(label);
  };
  const skip = () => {
    const { value } = current;
    if (value === null) return;
    skipped.value = new Set([...skipped.value, value.text]);
    message.value = TEXT.skipped;
  };
  const undo = () => {
    const last = said.value.at(-1);
    if (last === undefined) return;
    said.value = said.value.slice(0, -1);
    data.say(last, undefined);
    message.value = TEXT.undone;
  };
  /** Letters and figures choose without the mouse; in a field they are text. */
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as Element | null;
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input, textarea, select') !== null) return;
    const label = data.labels.value[Number(event.key) - 1];
    if (/^[1-9]$/.test(event.key) && label !== undefined) choose(label);
    else if (event.key === '0') skip();
    else if (event.key === 'Backspace') undo();
    else return;
    event.preventDefault();
  };
  return { queue, current, said, message, choose, skip, undo, onKey };
}

export type LabelState = ReturnType<typeof createLabelState>;
