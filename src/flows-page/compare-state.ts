import { signal } from '@preact/signals';
import { sayError } from '../app/i18n/index.ts';
import type { FlowCase, FlowComparison, Sotto } from '../client/index.ts';
import { type FlowState, fromField } from './flow-state.ts';
import { TEXT } from './text.ts';

/** A few cases to begin with, for the flow that stands there first. */
const SAMPLE = [
  { text: 'How long does delivery take?', route: 'faq' },
  { text: 'Do you accept PayPal?', route: 'faq' },
  { text: 'The machine leaks water since this morning.', route: 'troubleshooting' },
  { text: 'I forgot my password and cannot log in.', route: 'account' },
  { text: 'I am furious, nobody has answered me for three weeks!', route: 'complaint' },
  { text: 'Please change my delivery address.', route: 'account' },
];

/** Two flows on one test set. */
export function createCompareState(sotto: Sotto, flows: FlowState) {
  const first = signal('support');
  const second = signal('regional-support');
  const cases = signal(SAMPLE.map((one) => JSON.stringify(one)).join('\n'));
  const comparison = signal<FlowComparison | null>(null);
  const names = signal<readonly string[]>([]);
  const message = signal('');
  const running = signal<AbortController | null>(null);
  /** The file that was opened last, while it is read: what is typed meanwhile stays. */
  let coming: File | null = null;
  const type = (text: string) => {
    coming = null;
    cases.value = text;
  };
  const openFile = async (file: File) => {
    coming = file;
    try {
      const text = await file.text();
      if (coming === file) type(text);
    } catch (error) {
      const words = await sayError(error, TEXT.stopped);
      if (coming === file) message.value = words;
    }
  };
  const run = async () => {
    if (running.value !== null) return;
    const controller = new AbortController();
    running.value = controller;
    comparison.value = null;
    message.value = TEXT.running;
    try {
      const documents = await Promise.all([first.value, second.value].map(flows.documentOf));
      const [one] = documents;
      const given = await casesIn(sotto, cases.value);
      const typed = given.map(({ input, expect }) => ({
        input: typeof input === 'string' && one !== undefined ? fromField(input, one) : input,
        expect,
      }));
      names.value = documents.map(({ name, id }) => name || id);
      comparison.value = await sotto.flows.compare(documents, typed, {
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'task-progress') message.value = TEXT.progress(event.done, event.total);
        },
      });
      message.value = '';
    } catch (error) {
      message.value = error instanceof BadCase ? TEXT.badCase(error.line) : await sayError(error, TEXT.stopped);
    } finally {
      running.value = null;
    }
  };
  return { first, second, cases, comparison, names, message, running, type, openFile, run };
}

class BadCase extends Error {
  readonly line: number;
  constructor(line: number) {
    super(`line ${line}`);
    this.line = line;
  }
}

/** JSON lines or a table: what goes in, and what must come out. */
async function casesIn(sotto: Sotto, text: string): Promise<FlowCase[]> {
  if (!/^\s*\{/.test(text)) {
    const { rows } = (await sotto.tasks.run('task.table', { text })) as { rows: readonly Record<string, string>[] };
    return rows.map((row, index) => caseOf(row, index + 2));
  }
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [caseOf(JSON.parse(line) as Record<string, unknown>, index + 1)];
    } catch {
      throw new BadCase(index + 1);
    }
  });
}

function caseOf(row: Readonly<Record<string, unknown>>, line: number): FlowCase {
  const key = ['input', 'text', 'wish', 'message'].find((name) => Object.hasOwn(row, name));
  if (key === undefined) throw new BadCase(line);
  const { [key]: input, expect, ...rest } = row;
  const isRecord = typeof expect === 'object' && expect !== null;
  return { input, expect: isRecord ? (expect as Record<string, unknown>) : rest };
}

export type CompareState = ReturnType<typeof createCompareState>;
