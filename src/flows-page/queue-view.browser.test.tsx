import { render } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import type { FlowDocument, FlowResult, Sotto } from '../client/index.ts';
import { createQueueState } from './queue-state.ts';
import { QueueView } from './queue-view.tsx';
import { TEXT } from './text.ts';

const root = document.createElement('div');
document.body.append(root);
afterEach(() => {
  render(null, root);
  localStorage.removeItem('sotto-flow-queue');
});

it('resolves a ticket once, however often the button is pressed while its flow goes on', async () => {
  const state = createQueueState();
  const result = { status: 'waiting', output: { node: 'ask' }, trace: {} } as unknown as FlowResult;
  await state.add({ name: 'Support' } as FlowDocument, 'It broke.', result);
  state.you.value = 'Ines';
  await state.claim(state.tickets.value[0]?.id ?? '', 'Ines');
  let end = (_: FlowResult) => {};
  const resume = vi.fn(
    () =>
      new Promise<FlowResult>((resolve) => {
        end = resolve;
      }),
  );
  render(<QueueView state={state} sotto={{ flows: { resume } } as unknown as Sotto} />, root);
  const note = root.querySelector('textarea');
  if (note !== null) note.value = 'A new one is on its way.';
  root.querySelector('form')?.requestSubmit();
  await vi.waitFor(() => expect(root.querySelectorAll('form button:disabled')).toHaveLength(2));
  root.querySelector('form')?.requestSubmit();
  expect(resume).toHaveBeenCalledTimes(1);
  end({ ...result, status: 'done' });
  await vi.waitFor(() =>
    expect(state.tickets.value[0]).toMatchObject({ status: 'resolved', result: { status: 'done' } }),
  );
  expect(root.textContent).not.toContain(TEXT.taken);
});
