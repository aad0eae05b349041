import { expect, it, vi } from 'vitest';
import type { ModelChange, StoredModel } from '../../client/index.ts';
import { createModelsState, type ModelRow } from './models-state.ts';

interface Held {
  readonly name: string;
  readonly end: (value?: unknown) => void;
}

/** A library whose works end when the test says so; `stored` is what is here. */
function setUp() {
  const stored = new Map<string, Partial<StoredModel>>();
  const works: Held[] = [];
  const held = (name: string) => new Promise<unknown>((end) => works.push({ name, end }));
  /** Ends the work of this name that has waited longest, or else the newest. */
  const end = async (name: string, value?: unknown, isNewest = false) => {
    await vi.waitFor(() => expect(works.map((work) => work.name)).toContain(name));
    const isNamed = (one: Held) => one.name === name;
    const [work] = works.splice(isNewest ? works.findLastIndex(isNamed) : works.findIndex(isNamed), 1);
    work?.end(value);
    await new Promise((resolve) => setTimeout(resolve));
  };
  const removed: string[] = [];
  const state = createModelsState(
    {
      stored: async () => [...stored.values()],
      catalogue: async () => [{ id: 'a', name: 'A', manifest: '' }],
      manifest: async () => held('manifest'),
      plan: async () => null,
      known: async () => [],
      evicted: async () => [],
      storage: async () => null,
      recommend: async () => [],
      watch: async () => () => {},
      delete: (id: string) => held(`delete ${id}`),
      changes: (id: string) => held(`changes ${id}`),
      import: (files: readonly File[]) => held(`import ${files[0]?.name}`),
    } as unknown as Parameters<typeof createModelsState>[0],
    (id) => removed.push(id),
  );
  return { state, stored, end, names: () => works.map(({ name }) => name), removed };
}

it('shows what is known last, in whichever order several looks end', async () => {
  const { state, stored, end, names } = setUp();
  const first = state.refresh();
  await vi.waitFor(() => expect(names()).toHaveLength(1));
  stored.set('a', { id: 'a', name: 'A', storedBytes: 1, complete: true });
  const second = state.refresh();
  await vi.waitFor(() => expect(names()).toHaveLength(2));
  await end('manifest', null, true);
  await end('manifest');
  await Promise.all([first, second]);
  expect(state.rows.value).toMatchObject([{ id: 'a', stored: { complete: true } }]);
});

it('does one thing at a time with a model, however often it is asked for', async () => {
  const { state, end, names, removed } = setUp();
  const first = state.remove('a');
  const second = state.remove('a');
  await second;
  expect(names()).toEqual(['delete a']);
  await end('delete a');
  await end('manifest');
  await first;
  expect([removed, state.work.value.size]).toEqual([['a'], 0]);
});

it('shows one found change after the other, and takes none away that is being read', async () => {
  const { state, end } = setUp();
  const row = (id: string) => ({ id, name: id.toUpperCase() }) as ModelRow;
  const found = (modelId: string) => ({ modelId, edition: 'e' }) as ModelChange;
  for (const id of ['a', 'b', 'c']) void state.lookForChanges(row(id));
  await end('changes b', found('b'));
  await end('changes a', null);
  await end('changes c', found('c'));
  expect(state.change.value?.name).toBe('B');
  state.closeChange();
  expect(state.change.value?.name).toBe('C');
  state.closeChange();
  expect(state.change.value).toBeNull();
});

it('brings in files that are dropped during an import after those', async () => {
  const { state, end, names } = setUp();
  void state.importFiles([new File([], 'first')]);
  void state.importFiles([new File([], 'second')]);
  await vi.waitFor(() => expect(names()).toEqual(['import first']));
  await end('import first', [{ id: 'x', name: 'First' }]);
  expect(state.imported.value.fresh).toEqual(['First']);
  await end('manifest');
  await end('import second', [{ id: 'y', name: 'Second' }]);
  expect([state.imported.value.fresh, state.importing.value]).toEqual([['Second'], null]);
});
