import { expect, test, vi } from 'vitest';
import type { FlowResult, Sotto } from '../client/index.ts';
import { emptyFlow, type Later, later, settle, slowFlows } from './flow.kit.ts';
import { createFlowState } from './flow-state.ts';
import type { QueueState } from './queue-state.ts';
import { TEXT } from './text.ts';

const result = (output: unknown) =>
  ({ status: 'done', isEscalated: false, output, trace: { ms: 1, steps: [] } }) as unknown as FlowResult;

/** A page whose documents and runs come when the test says so. */
async function page() {
  const { flows, documents, arrive } = slowFlows(['first', 'second', 'third']);
  const runs: Later<FlowResult>[] = [];
  const run = () => later<FlowResult>((one) => runs.push(one));
  const sotto = { flows: { ...flows, run } } as unknown as Sotto;
  const state = createFlowState(sotto, { add: vi.fn() } as unknown as QueueState);
  const started = state.start();
  await arrive('first');
  await started;
  return { state, documents, runs, arrive };
}

test('a flow brings its sample; a text typed while it was on its way stays', async () => {
  const { state, arrive } = await page();
  expect(state.input.value).toBe('sample of first');
  void state.choose('second');
  await arrive('second');
  expect(state.input.value).toBe('sample of second');
  void state.choose('third');
  state.input.value = 'typed';
  await arrive('third');
  expect([state.flow.value?.id, state.input.value]).toEqual(['third', 'typed']);
});

test('of two choices the later one holds, in whichever order they come', async () => {
  const { state, arrive } = await page();
  void state.choose('second');
  void state.choose('third');
  expect(state.coming.value).toBe('third');
  await arrive('third');
  await arrive('second');
  expect([state.flow.value?.id, state.input.value]).toEqual(['third', 'sample of third']);
});

test('nothing runs while a flow is on its way; one that does not come leaves the one before', async () => {
  const { state, documents, runs } = await page();
  void state.choose('second');
  await state.run();
  expect(runs).toHaveLength(0);
  documents.get('second')?.reject(new Error('not there'));
  await vi.waitFor(() => expect(state.coming.value).toBeNull());
  expect([state.flow.value?.id, state.message.value]).toEqual(['first', expect.stringContaining('not there')]);
  void state.run();
  expect(runs).toHaveLength(1);
});

test('a run that another flow took the place of says nothing more', async () => {
  const { state, runs } = await page();
  void state.run();
  state.open(emptyFlow('own'), 'mine');
  expect(state.running.value).toBeNull();
  void state.run();
  runs[0]?.resolve(result('of the first'));
  await settle();
  expect([state.result.value, state.message.value]).toEqual([null, TEXT.running]);
  runs[1]?.resolve(result('of my own'));
  await vi.waitFor(() => expect(state.result.value?.output).toBe('of my own'));
  expect(state.running.value).toBeNull();
});

test('files that were read for another flow are left', async () => {
  const { state } = await page();
  const opened = state.openFiles([new File(['Call Anna.'], 'a.txt')]);
  state.open(emptyFlow('own'), 'mine');
  await opened;
  expect([state.input.value, state.message.value]).toEqual(['mine', '']);
  await state.openFiles([new File(['Call Anna.'], 'a.txt')]);
  expect(state.input.value).toBe('Call Anna.');
});
