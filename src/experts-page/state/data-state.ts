import { computed, signal } from '@preact/signals';
import type { LabelledText, Sotto } from '../../client/index.ts';
import { sortExamples } from '../rows/examples.ts';
import { guessColumns, guessKind, type Kind } from '../rows/guess.ts';
import { readNames } from '../rows/marks.ts';
import { appendRows, readTable, type Source, turnHead } from '../rows/read-table.ts';
import { cutText, readText } from '../rows/read-text.ts';
import { loadSample, type SampleId } from '../rows/samples.ts';
import { TEXT } from '../text.ts';
import type { DraftPart } from './draft.ts';
import { createJob } from './job.ts';

interface Choices {
  readonly kind: Kind;
  readonly name: string;
  readonly text: number;
  readonly label: number;
  readonly holdsOut: boolean;
}

const NONE: Choices = { kind: 'texts', name: '', text: 0, label: -1, holdsOut: true };

/** Labels that can be chosen by hand; more would find no room. */
const MOST_OWN_LABELS = 200;

/** The rows a person brought, what they are taken for, and what was said of them here. */
export function createDataState(sotto: Sotto) {
  const source = signal<Source | null>(null);
  const choices = signal<Choices>(NONE);
  const byHand = signal<ReadonlyMap<string, string>>(new Map());
  const byModel = signal<ReadonlyMap<string, string>>(new Map());
  /** Labels that no row has yet, and what labels mean. */
  const descriptions = signal<ReadonlyMap<string, string>>(new Map());
  /** What was noticed when the rows were read. */
  const notes = signal<readonly string[]>([]);
  const job = createJob();

  const columns = computed(() => {
    const { names, rows } = source.value ?? { names: null, rows: [] };
    const width = Math.max(names?.length ?? 0, ...rows.slice(0, 200).map((row) => row.length), 0);
    return Array.from({ length: width }, (_, index) => names?.[index]?.trim() || TEXT.column(index + 1));
  });
  const cells = computed(() => {
    const { text, label } = choices.value;
    return (source.value?.rows ?? []).map((row) => ({
      text: row[text] ?? '',
      label: label < 0 ? '' : (row[label] ?? ''),
    }));
  });
  const sorted = computed(() =>
    sortExamples({
      cells: choices.value.kind === 'texts' ? cells.value : [],
      byHand: byHand.value,
      byModel: byModel.value,
      holdsOut: choices.value.holdsOut,
    }),
  );
  const labels = computed(() => [
    ...new Set([...sorted.value.labels.map(({ label }) => label), ...descriptions.value.keys()]),
  ]);
  const named = computed(() => {
    if (choices.value.kind !== 'names') return { rows: [] as readonly LabelledText[], bad: 0 };
    const { text, label } = choices.value;
    const read = (source.value?.rows ?? [])
      .filter((row) => (row[text] ?? '').trim() !== '')
      .map((row) => readNames(row[text] ?? '', label < 0 ? undefined : row[label]));
    const rows = read.filter((row) => row !== null);
    return { rows, bad: read.length - rows.length };
  });

  const forgetSaid = () => {
    byHand.value = new Map();
    byModel.value = new Map();
    descriptions.value = new Map();
  };
  const take = (next: Source, found: readonly string[]) => {
    source.value = next;
    const guess = guessColumns(next.names ?? [...(next.rows[0] ?? [])].map(() => ''), next.rows);
    const kind = guessKind(next.rows);
    const entityColumn = (next.names ?? []).findIndex((name) => /^(?:entities|spans|names|labels)$/i.test(name.trim()));
    choices.value = {
      ...choices.value,
      ...guess,
      ...(kind === 'names' ? { label: entityColumn } : {}),
      kind,
      name: choices.value.name || nameOf(next.name),
    };
    forgetSaid();
    notes.value = found;
  };
  const read = async (name: string, text: string, isCut: boolean, found: readonly string[]) => {
    const next = await readTable(sotto, name, text, isCut);
    if (next.rows.length === 0) {
      const [first] = next.broken;
      return first === undefined ? TEXT.nothingIn(name) : TEXT.onlyBroken(name, first.line, first.reason);
    }
    take(next, next.isCut ? [...found, TEXT.cut] : found);
    return TEXT.rowsRead(next.rows.length);
  };
  // All of it is the job's, the reading of the file too: of two that are opened, the second waits until it is asked for again.
  const openFile = (file: File) =>
    job.run(async () => {
      const known = file.size === 0 ? null : await readText(file);
      if (known === null) return file.size === 0 ? TEXT.nothingIn(file.name) : TEXT.noText(file.name);
      const odd = known.encoding === 'windows-1252' ? [TEXT.oldEncoding] : [];
      return read(file.name, known.text, known.isCut, odd);
    });
  /** More rows, of whatever columns: its text and its label go where the others have theirs. */
  const addFile = (file: File) =>
    job.run(async () => {
      const known = file.size === 0 ? null : await readText(file);
      if (known === null) return file.size === 0 ? TEXT.nothingIn(file.name) : TEXT.noText(file.name);
      const added = await readTable(sotto, file.name, known.text, known.isCut);
      const guess = guessColumns(added.names ?? (added.rows[0] ?? []).map(() => ''), added.rows);
      // As the rows are by now: columns may have been chosen since, and a person may have started over.
      const now = source.value;
      if (now === null) return undefined;
      const { text, label } = choices.value;
      const next = appendRows(now, { text, label }, added, guess);
      source.value = next.source;
      choices.value = { ...choices.value, ...next.at };
      if (next.source.isCut) notes.value = [...new Set([...notes.value, TEXT.cut])];
      return TEXT.rowsAdded(added.rows.length);
    });
  /** The rows with their labels and whose they are, as a table: work that is not only in this page. */
  const table = async (): Promise<Blob> => {
    const rows = new Map<string, { text: string; label: string; by: string }>();
    for (const cell of cells.value) {
      const text = cell.text.trim();
      const [said, read, guessed] = [byHand.value.get(text), cell.label.trim(), byModel.value.get(text) ?? ''];
      if (text === '' || said === '') continue;
      const label = said ?? (read || guessed);
      const by = label === '' ? '' : said !== undefined ? 'hand' : read === '' ? 'model' : 'file';
      rows.set(JSON.stringify([text, label]), { text, label, by });
    }
    const { text } = await sotto.tasks.run(
      'task.csv',
      { rows: [...rows.values()] },
      { columns: ['text', 'label', 'by'] },
    );
    return new Blob([String(text)], { type: 'text/csv' });
  };
  const paste = (text: string) => {
    const cut = cutText(text);
    return job.run(() => read(TEXT.pasted, cut.text, cut.isCut, []));
  };
  const openSample = (id: SampleId) =>
    job.run(async () => {
      choices.value = { ...choices.value, name: '' };
      return read(TEXT.samples[id], await loadSample(id), false, []);
    });
  const setMap = (map: typeof byHand, key: string, value: string | undefined) => {
    const next = new Map(map.value);
    if (value === undefined) next.delete(key);
    else next.set(key, value);
    map.value = next;
  };
  const clear = () => {
    source.value = null;
    choices.value = NONE;
    forgetSaid();
    notes.value = [];
    job.message.value = '';
  };
  const choicesPart = computed(() => ({
    choices: choices.value,
    byHand: [...byHand.value],
    byModel: [...byModel.value],
    descriptions: [...descriptions.value],
    notes: notes.value,
  }));
  const parts: readonly DraftPart[] = [
    {
      name: 'source',
      value: computed(() => source.value ?? undefined),
      restore: (value) => {
        const kept = value as Source;
        if (Array.isArray(kept.rows) && kept.rows.every(Array.isArray) && Array.isArray(kept.broken))
          source.value = kept;
      },
    },
    {
      name: 'choices',
      value: choicesPart,
      restore: (value) => {
        const kept = value as (typeof choicesPart)['value'];
        choices.value = { ...NONE, ...kept.choices };
        byHand.value = new Map(kept.byHand);
        byModel.value = new Map(kept.byModel);
        descriptions.value = new Map(kept.descriptions);
        notes.value = [...kept.notes];
      },
    },
  ];
  return {
    source,
    choices,
    columns,
    sorted,
    named,
    labels,
    byHand,
    byModel,
    descriptions,
    notes,
    job,
    parts,
    openFile,
    addFile,
    table,
    openSample,
    paste,
    clear,
    choose: (part: Partial<Choices>) => {
      choices.value = { ...choices.value, ...part };
    },
    turnHead: () => {
      if (source.value !== null) source.value = turnHead(source.value);
    },
    /** Empty: the row is left out. Undefined: as if nothing had been said. */
    say: (text: string, label: string | undefined) => setMap(byHand, text, label),
    sayByModel: (rows: readonly { readonly text: string; readonly label: string }[]) => {
      byModel.value = new Map([...byModel.value, ...rows.map(({ text, label }) => [text.trim(), label] as const)]);
    },
    describe: (label: string, meaning: string) => {
      if (label.trim() !== '' && descriptions.value.size < MOST_OWN_LABELS) setMap(descriptions, label.trim(), meaning);
    },
  };
}

/** "tickets-2026.csv" → "tickets 2026". */
function nameOf(file: string): string {
  return file
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replace(/[_-]+/g, ' ')
    .trim()
    .slice(0, 60);
}

/** A name as an id: flows ask for an expert by it. */
export function idOf(name: string): string {
  const id = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return id === '' ? 'my-expert' : id;
}

export type DataState = ReturnType<typeof createDataState>;
