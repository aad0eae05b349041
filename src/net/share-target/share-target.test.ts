import { expect, it, vi } from 'vitest';
import type { SharedContent } from '../../protocol/index.ts';
import { createShareTarget } from './share-target.ts';

const SCOPE = 'http://localhost/apps/sotto/';

function shareOf(fields: Record<string, string | File>): Request {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return new Request(`${SCOPE}share-target`, { method: 'POST', body });
}

/** The port of a page; Node's own would make the files of it blobs. */
function take(target: ReturnType<typeof createShareTarget>): Promise<SharedContent | null> {
  return new Promise((resolve) => {
    target.answer({ type: 'take-shared' }, [{ postMessage: resolve } as unknown as MessagePort]);
  });
}

it('hands what was shared to one page, once, below any path', async () => {
  const target = createShareTarget(SCOPE);
  const request = shareOf({ title: 'A page', text: ' Words ', url: 'A page', files: new File(['abc'], 'a.txt') });
  expect(target.isShare(request)).toBe(true);
  let work: Promise<unknown> = Promise.resolve();
  const response = await target.receive(request, (until) => {
    work = until;
  });
  expect([response.status, response.headers.get('Location')]).toEqual([303, `${SCOPE}?shared`]);
  const content = await take(target);
  expect(content?.text).toBe('A page\nWords');
  expect(content?.files.map(({ name, size }) => [name, size])).toEqual([['a.txt', 3]]);
  await work;
  expect(await take(target)).toBeNull();
});

it('takes nothing else for a share, and answers nobody who does not ask for it', async () => {
  const target = createShareTarget(SCOPE);
  expect(target.isShare(new Request(`${SCOPE}share-target`))).toBe(false);
  expect(target.isShare(new Request('http://localhost/share-target', { method: 'POST' }))).toBe(false);
  const port = { postMessage: vi.fn() } as unknown as MessagePort;
  for (const data of [null, 'take-shared', { type: 'other' }]) target.answer(data, [port]);
  expect(port.postMessage).not.toHaveBeenCalled();
  target.answer({ type: 'take-shared' }, []);
});

it('opens the page with nothing where the form cannot be read', async () => {
  const target = createShareTarget(SCOPE);
  const broken = new Request(`${SCOPE}share-target`, { method: 'POST', body: 'no form' });
  expect((await target.receive(broken, () => {})).status).toBe(303);
  expect(await take(target)).toEqual({ text: '', files: [] });
});
