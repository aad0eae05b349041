import { afterEach, expect, test, vi } from 'vitest';
import type { ExpertArtefact, Sotto } from '../client/index.ts';
import { createCompareState } from './compare-state.ts';
import { createEditState } from './edit-state.ts';
import { openExpertFlow } from './expert-flow.ts';
import { emptyFlow, type Later, later, settle, slowFlows } from './flow.kit.ts';
import { createFlowState } from './flow-state.ts';
import type { QueueState } from './queue-state.ts';
import { TEXT } from './text.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page whose documents come when the test says so, and whose experts do. */
function page() {
  const { flows, documents, arrive } = slowFlows(['first']);
  let expert: Later<ExpertArtefact> | undefined;
  const experts = {
    get: () =>
      later<ExpertArtefact>((one) => {
        expert = one;
      }),
  };
  const sotto = { flows: { ...flows, validate: async () => [] }, experts } as unknown as Sotto;
  const state = createFlowState(sotto, {} as QueueState);
  const expertComes = () => expert?.resolve({ name: 'Shop' } as ExpertArtefact);
  return { sotto, state, edit: createEditState(sotto, state), documents, arrive, expertComes };
}

/** A file whose text comes when the test says so. */
function slowFile(name: string) {
  let read: Later<string> | undefined;
  const text = () =>
    later<string>((one) => {
      read = one;
    });
  return { file: Object.assign(new File([], name), { text }), come: (words: string) => read?.resolve(words) };
}

/** The same as the page of one flow reads it. */
function slowBytes(name: string) {
  const { file, come } = slowFile(name);
  const arrayBuffer = async () => new TextEncoder().encode(await file.text()).buffer;
  return { file: Object.assign(file, { arrayBuffer }), come };
}

test('of two flows that are to be edited the later one is, in whichever order they come', async () => {
  const { edit, arrive } = page();
  void edit.startFrom('first');
  void edit.startFrom('second');
  await arrive('first');
  expect(edit.draft.value.id, 'before the later one is there').toBe('my-flow');
  await arrive('second');
  expect(edit.draft.value.id).toBe('my-second');
  void edit.startFrom('third');
  edit.openEmpty();
  await arrive('third');
  expect(edit.draft.value.id).toBe('my-flow');
});

test('what was changed since a flow was asked for stays, and one that does not come says why', async () => {
  const { edit, arrive, documents } = page();
  void edit.startFrom('first');
  edit.change({ name: 'typed' });
  await arrive('first');
  expect(edit.draft.value).toMatchObject({ id: 'my-flow', name: 'typed' });
  const { file, come } = slowFile('flow.json');
  const opened = edit.openFile(file);
  edit.markField('nodes.0.with', true);
  come(JSON.stringify(emptyFlow('filed')));
  await opened;
  expect(edit.draft.value.id).toBe('my-flow');
  void edit.startFrom('gone');
  await vi.waitFor(() => expect(documents.has('gone')).toBe(true));
  documents.get('gone')?.reject(new Error('not there'));
  await vi.waitFor(() => expect(edit.message.value).toContain('not there'));
});

test('a flow is said to be kept only where it is kept as it stands there', async () => {
  const locks: (() => void)[] = [];
  const request = async (_: string, work: () => unknown) => {
    await new Promise<void>((resolve) => locks.push(resolve));
    return work();
  };
  vi.stubGlobal('navigator', { locks: { request } });
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
  const { edit } = page();
  const kept = edit.keep();
  edit.change({ name: 'changed since' });
  locks[0]?.();
  await kept;
  expect(edit.message.value).toBe('');
  const again = edit.keep();
  locks[1]?.();
  await again;
  expect(edit.message.value).toBe(TEXT.kept);
});

test('cases that are read from a file give way to what was typed or opened since', async () => {
  const { sotto, state } = page();
  const compare = createCompareState(sotto, state);
  const [first, second] = [slowFile('first.csv'), slowFile('second.csv')];
  void compare.openFile(first.file);
  void compare.openFile(second.file);
  first.come('first');
  await settle();
  second.come('second');
  await settle();
  expect(compare.cases.value).toBe('second');
  const third = slowFile('third.csv');
  void compare.openFile(third.file);
  compare.type('typed');
  third.come('third');
  await settle();
  expect(compare.cases.value).toBe('typed');
});

test('the flow of an expert takes the place of the sample, and of nothing that a person did', async () => {
  vi.stubGlobal('location', { search: '?expert=shop' });
  const open = async (meanwhile: (page: ReturnType<typeof start>) => void) => {
    const opened = start();
    await opened.ready;
    const coming = openExpertFlow(opened.state, opened.edit);
    meanwhile(opened);
    opened.expertComes();
    await coming;
    return [opened.state.flow.value?.id, opened.state.input.value, opened.edit.draft.value.id];
  };
  const start = () => {
    const made = page();
    const started = made.state.start();
    return { ...made, ready: made.arrive('first').then(() => started) };
  };
  expect(await open(() => {})).toEqual(['ask-shop', '', 'ask-shop']);
  expect(await open(({ state }) => (state.input.value = 'typed'))).toEqual(['ask-shop', 'typed', 'ask-shop']);
  expect(await open(({ state }) => state.open(emptyFlow('own'), 'mine'))).toEqual(['own', 'mine', 'ask-shop']);
  expect(await open(({ edit }) => edit.change({ name: 'typed' }))).toEqual(['ask-shop', '', 'my-flow']);
});

test('files that are opened while their flow is on its way are for it, and replace its sample', async () => {
  const { state, documents, arrive } = page();
  const started = state.start();
  const early = state.openFiles([new File(['Early words.'], 'a.txt')]);
  await arrive('first');
  await Promise.all([started, early]);
  expect(state.input.value).toBe('Early words.');
  void state.choose('second');
  const opened = state.openFiles([new File(['Call Anna.'], 'b.txt')]);
  await settle();
  void state.choose('third');
  await arrive('third');
  await opened;
  expect([state.flow.value?.id, state.input.value]).toEqual(['third', 'Call Anna.']);
  void state.choose('gone');
  const rest = state.openFiles([new File(['Call Ben.'], 'c.txt')]);
  await vi.waitFor(() => expect(documents.has('gone')).toBe(true));
  documents.get('gone')?.reject(new Error('not there'));
  await rest;
  expect([state.flow.value?.id, state.input.value]).toEqual(['third', 'Call Ben.']);
});

test('of files that are opened twice the later ones count, and words that are typed meanwhile stay before them', async () => {
  const { state } = page();
  state.open(emptyFlow('own'), 'sample');
  const [slow, quick] = [slowBytes('slow.txt'), slowBytes('quick.txt')];
  void state.openFiles([slow.file]);
  void state.openFiles([quick.file]);
  await settle();
  state.input.value = 'Typed.';
  quick.come('Quick.');
  await settle();
  slow.come('Slow.');
  await settle();
  expect(state.input.value).toBe('Typed.\n\nQuick.');
});
