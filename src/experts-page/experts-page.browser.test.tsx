import { signal } from '@preact/signals';
import { render } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import type { ExpertVersion, Sotto } from '../client/index.ts';
import { OPEN_POLICY } from '../policy/index.ts';
import { KeptView } from './kept-view.tsx';
import { FileDrop } from './parts/file-drop.tsx';
import { createDataState } from './state/data-state.ts';
import { createKeptState } from './state/kept-state.ts';
import { createTrainingState } from './state/training-state.ts';
import { TrainButton } from './train-button.tsx';

const root = document.createElement('div');
document.body.append(root);
afterEach(() => {
  render(null, root);
  location.hash = '';
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

it.each([
  ['shows the result of a training where it was begun', '#label', '#result'],
  ['leaves whoever went elsewhere meanwhile there', '#kept', '#kept'],
])('%s', async (_, hash, then) => {
  const data = createDataState({} as Sotto);
  data.source.value = {
    name: 'rows',
    names: null,
    rows: Array.from({ length: 12 }, (__, at) => [`Text ${at}`, at % 2 === 0 ? 'faq' : 'bug']),
    broken: [],
    isCut: false,
  };
  data.choose({ text: 0, label: 1 });
  let end = () => {};
  const train = () =>
    new Promise<boolean>((resolve) => {
      end = () => resolve(true);
    });
  const training = { ...createTrainingState({} as Sotto, data), train };
  location.hash = '#label';
  render(<TrainButton data={data} training={training} />, root);
  root.querySelector<HTMLButtonElement>('button.primary')?.click();
  location.hash = hash;
  end();
  await settle();
  expect(location.hash).toBe(then);
});

it('lets nobody press in vain while one thing is done with kept experts', async () => {
  const data = createDataState({} as Sotto);
  const state = createKeptState({} as Sotto, data, createTrainingState({} as Sotto, data));
  const version = { id: 'shop', name: 'Shop', keptAt: 0, rows: 8, accuracy: 1, dataHash: '0', isSigned: false };
  const versions = [1, 2].map((number) => ({ ...version, version: number, isCurrent: number === 1 }));
  state.versions.value = versions as unknown as readonly ExpertVersion[];
  const training = { trained: signal(null) } as unknown as Parameters<typeof KeptView>[0]['training'];
  render(<KeptView state={state} training={training} features={OPEN_POLICY.features} />, root);
  const off = () => [...root.querySelectorAll('button')].filter(({ disabled }) => disabled).length;
  const all = root.querySelectorAll('button').length;
  // Two versions have not been chosen to be compared yet.
  expect(off()).toBe(1);
  let end = () => {};
  const done = state.job.run(
    () =>
      new Promise((resolve) => {
        end = () => resolve(undefined);
      }),
  );
  // All but the one that stops it, which has come.
  await vi.waitFor(() => expect(off()).toBe(all));
  expect(root.querySelectorAll('button')).toHaveLength(all + 1);
  end();
  await done;
  await vi.waitFor(() => expect(off()).toBe(1));
});

it('asks for a file with one control, which the keyboard and readers of the screen find', () => {
  render(<FileDrop label="Choose a file" accept=".csv" isOff={false} onFile={() => {}} />, root);
  const shown = [...root.querySelectorAll('button, input')].filter((one) => one.checkVisibility());
  expect(shown.map((one) => one.textContent)).toEqual(['Choose a file']);
  const asked = vi.fn((event: Event) => event.preventDefault());
  root.querySelector('input')?.addEventListener('click', asked);
  root.querySelector('button')?.click();
  expect(asked).toHaveBeenCalledOnce();
});
