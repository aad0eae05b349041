import { expect, it, vi } from 'vitest';
import type { Distillation, ExpertArtefact, ExpertKept, ExpertTraining, Sotto } from '../../client/index.ts';
import { parseCsv } from '../../runtime/tasks/text/index.ts';
import { createDataState } from './data-state.ts';
import { createDistilState } from './distil-state.ts';
import { createKeptState } from './kept-state.ts';
import { createTrainingState } from './training-state.ts';
import { createTryState } from './try-state.ts';

/** Something that ends when the test says so. */
function held<Value>() {
  let end = (_: Value) => {};
  const promise = new Promise<Value>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

/** A file whose text comes when the test says so. */
function slowFile(name: string, text: string) {
  const reading = held<void>();
  const file = new File([text], name);
  const slice = () =>
    ({
      arrayBuffer: async () => {
        await reading.promise;
        return new TextEncoder().encode(text).buffer;
      },
    }) as Blob;
  return { file: Object.assign(file, { slice }), come: () => reading.end() };
}

const expert = (name: string, labels: readonly string[] = ['faq', 'bug']) =>
  ({ id: name, version: 1, name, labels, rows: 8, metrics: { accuracy: 0.5 } }) as unknown as ExpertArtefact;
const trainingOf = (name: string) =>
  ({ expert: expert(name), trainMs: 1, mistakes: [], uncertain: [] }) as unknown as ExpertTraining;

/** The page's states over an engine whose long works end when the test says so. */
function page() {
  const training = held<ExpertTraining>();
  const distillation = held<Distillation>();
  const keeping = held<ExpertKept>();
  const evaluated: string[][] = [];
  /** The texts that were put to an expert; it answers once `hold` has ended. */
  const predictions: string[] & { hold?: Promise<void> } = [];
  const heldTo: string[][] = [];
  const sotto = {
    tasks: {
      run: async (_: string, { text }: { text: string }) => parseCsv(text),
      classify: async () => ({ evidence: [] }),
    },
    experts: {
      train: () => training.promise,
      distill: () => distillation.promise,
      keep: (_: unknown, { regression }: { regression: readonly { text: string }[] }) => {
        heldTo.push(regression.map(({ text }) => text));
        return keeping.promise;
      },
      versions: async () => [],
      predict: async (_: unknown, [text = '']: readonly string[], { signal }: { signal: AbortSignal }) => {
        predictions.push(text);
        await predictions.hold;
        signal.throwIfAborted();
        return [{ label: 'faq' }];
      },
      evaluate: async (_: unknown, rows: readonly { text: string }[]) => {
        evaluated.push(rows.map(({ text }) => text));
        return { accuracy: 1, rows: rows.length, wrong: [] };
      },
    },
  } as unknown as Sotto;
  const data = createDataState(sotto);
  const trained = createTrainingState(sotto, data);
  return {
    data,
    training: trained,
    distil: createDistilState(sotto, data, trained),
    kept: createKeptState(sotto, data, trained),
    trying: createTryState(sotto, trained, () => []),
    ends: { training, distillation, keeping },
    evaluated,
    heldTo,
    predictions,
  };
}

/** So many texts of each label. */
const rowsOf = (count: number) =>
  ['label,text', ...Array.from({ length: 2 * count }, (_, at) => `${at % 2 === 0 ? 'faq' : 'bug'},Text ${at}`)].join(
    '\n',
  );

it('a file that is slow to read is the one that is opened: nothing else is begun meanwhile', async () => {
  const { data } = page();
  const { file, come } = slowFile('slow.csv', rowsOf(4));
  const opened = data.openFile(file);
  expect(data.job.running.value).not.toBeNull();
  expect(await data.openSample('messages')).toBe(false);
  come();
  await opened;
  expect(data.source.value).toMatchObject({ name: 'slow.csv', rows: { length: 8 } });
});

it('rows are added to those that are there by then, and to none where a person started over', async () => {
  const { data } = page();
  await data.paste('faq,Hi there\nbug,It broke\nfaq,Hello');
  const first = slowFile('more.csv', 'bug,No light\nfaq,Good day\nfaq,How are you?');
  const added = data.addFile(first.file);
  data.turnHead();
  first.come();
  await added;
  expect(data.source.value).toMatchObject({ names: ['faq', 'Hi there'], rows: { length: 4 } });
  const second = slowFile('more.csv', 'bug,No light\nfaq,Good day\nfaq,How are you?');
  const again = data.addFile(second.file);
  data.clear();
  second.come();
  await again;
  expect(data.source.value).toBeNull();
});

it('an expert that learned from rows that are gone does not come', async () => {
  const { data, training, ends } = page();
  await data.paste(rowsOf(4));
  const trained = training.train();
  data.clear();
  training.clear();
  ends.training.end(trainingOf('late'));
  expect(await trained).toBe(false);
  expect([training.trained.value, training.history.value]).toEqual([null, []]);
});

it('an expert is judged on rows that it has not seen, whatever is held out while it learns', async () => {
  const { data, training, ends, evaluated } = page();
  await data.paste(rowsOf(20));
  data.choose({ holdsOut: false });
  const trained = training.train();
  data.choose({ holdsOut: true });
  expect(data.sorted.value.heldOut).not.toEqual([]);
  ends.training.end(trainingOf('first'));
  await trained;
  expect(training.trained.value).toMatchObject({ expert: { name: 'first' }, evaluation: null });
  expect(evaluated).toEqual([]);
});

it('nothing of what a chat model said of rows that are gone is left, and the expert is judged on what it did not see', async () => {
  const labelled = ['Raw 1', 'Raw 2'].map((text) => ({ text, label: 'faq' }));
  const distilled = {
    ...trainingOf('taught'),
    labelled,
    agreement: 1,
    accuracy: {},
    teacher: 'm',
  } as unknown as Distillation;
  const gone = page();
  await gone.data.paste(`${rowsOf(4)}\n,Raw 1\n,Raw 2`);
  const ran = gone.distil.run();
  gone.data.clear();
  gone.ends.distillation.end(distilled);
  expect(await ran).toBe(false);
  expect([gone.data.byModel.value.size, gone.distil.result.value, gone.training.trained.value]).toEqual([
    0,
    null,
    null,
  ]);

  // With what the model says a label has enough rows to hold some out: those were learned from.
  const { data, distil, ends, evaluated } = page();
  await data.paste(`${rowsOf(9)}\n,Raw 1\n,Raw 2`);
  expect(data.sorted.value.heldOut).toEqual([]);
  const taught = distil.run();
  ends.distillation.end(distilled);
  expect(await taught).toBe(true);
  expect(data.sorted.value.heldOut).not.toEqual([]);
  expect(evaluated).toEqual([]);
});

it('an answer of the expert before is none of the new one’s', async () => {
  const { training, trying } = page();
  const judged = { trainMs: 1, mistakes: [], uncertain: [], evaluation: null, names: null };
  training.take({ ...judged, expert: expert('first') });
  trying.text.value = 'Hello';
  await trying.ask();
  expect(trying.tried.value).toMatchObject({ text: 'Hello', expert: { name: 'first' } });
  const late = trying.ask();
  training.take({ ...judged, expert: expert('second') });
  await late;
  expect(trying.tried.value).toBeNull();
});

it('what is asked while another answer is on its way takes its place, and only the last of it is asked', async () => {
  const { training, trying, predictions } = page();
  training.take({ expert: expert('shop'), trainMs: 1, mistakes: [], uncertain: [], evaluation: null, names: null });
  const asked = ['first', 'second', 'third', 'third'].map((text) => {
    trying.text.value = text;
    return trying.ask();
  });
  await Promise.all(asked);
  expect(trying.tried.value).toMatchObject({ text: 'third' });

  predictions.length = 0;
  const slow = held<void>();
  predictions.hold = slow.promise;
  trying.text.value = 'slow';
  const late = trying.ask();
  await vi.waitFor(() => expect([...predictions]).toEqual(['slow']));
  trying.text.value = 'quick';
  const quick = trying.ask();
  slow.end();
  await Promise.all([late, quick]);
  expect([...predictions]).toEqual(['slow', 'quick']);
  expect(trying.tried.value).toMatchObject({ text: 'quick' });
  expect(trying.job.message.value).toBe('');
});

it('a version that is kept is offered for comparison, unless another was chosen meanwhile', async () => {
  const { training, kept, ends } = page();
  training.take({ expert: expert('first'), trainMs: 1, mistakes: [], uncertain: [], evaluation: null, names: null });
  const keeping = kept.keepTrained();
  kept.first.value = 'other@1';
  ends.keeping.end({ expert: expert('first') } as unknown as ExpertKept);
  await keeping;
  await vi.waitFor(() => expect(kept.job.running.value).toBeNull());
  expect(kept.first.value).toBe('other@1');
});

it('later versions are held to the rows that it was judged on, not to what was labelled since', async () => {
  const { data, training, kept, ends, evaluated, heldTo } = page();
  await data.paste(`${rowsOf(20)}\n${Array.from({ length: 40 }, (_, at) => `,Another text ${at * at}`).join('\n')}`);
  const trained = training.train();
  ends.training.end(trainingOf('shop'));
  await trained;
  for (const text of data.sorted.value.raw) data.say(text, 'faq');
  expect(data.sorted.value.heldOut.length).toBeGreaterThan(evaluated[0]?.length ?? 0);
  void kept.keepTrained();
  expect(heldTo).toEqual([evaluated[0]]);
});
