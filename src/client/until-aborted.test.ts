import { expect, it } from 'vitest';
import { untilAborted } from './until-aborted.ts';

it('waits without a signal, whether it is absent or null as in fetch', async () => {
  for (const signal of [undefined, null]) expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
});

it('rejects as soon as the signal fires', async () => {
  const controller = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
