import type { BrowserContext, Page } from '@playwright/test';
import { expect, returning as test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

const MODEL = 'smollm2-135m-instruct';

async function openTab(context: BrowserContext, baseURL: string): Promise<Page> {
  const page = await openLibrary(await context.newPage(), baseURL);
  await page.evaluate((model) => sotto.models.load(model, { backend: 'cpu', contextLength: 1024 }), MODEL);
  return page;
}

/** Begins a long answer, waits until it has said something, and gives back how it ends: a code, what it had said. */
async function longAnswer(page: Page) {
  await page.evaluate(() => Object.assign(globalThis, { said: '' }));
  const end = page.evaluate(async (model) => {
    let text = '';
    try {
      // A pattern that the model repeats until it is stopped.
      const request = { model, prompt: 'one two three one two three one two three one', stream: true as const };
      const options = {
        ...request,
        max_tokens: 900,
        temperature: 0,
        repetition_penalty: 1,
        speculation: 'off' as const,
      };
      for await (const { choices } of await sotto.completions.create(options)) {
        text += choices[0]?.text ?? '';
        Object.assign(globalThis, { said: text });
      }
      return { code: 'none', text };
    } catch (error) {
      const { code, isRetryable } = error as { code: string; isRetryable: boolean };
      return { code, isRetryable, text };
    }
  }, MODEL);
  await page.waitForFunction(() => (globalThis as unknown as { said: string }).said !== '');
  // In an object: a promise would be waited for.
  return { end };
}

const capital = (page: Page) =>
  page.evaluate(async (model) => {
    const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
    const request = { model, messages, max_tokens: 20, temperature: 0 };
    return (await sotto.chat.completions.create(request)).choices[0]?.message.content ?? '';
  }, MODEL);

const engines = (page: Page) => page.workers().filter((worker) => worker.url().includes('inference')).length;

test('tabs share one engine; when the tab that has it closes or freezes, the next one takes over', async ({
  profile,
  baseURL,
}) => {
  const context = await profile.open();
  const first = await openTab(context, baseURL ?? '');
  const second = await openTab(context, baseURL ?? '');
  const third = await openTab(context, baseURL ?? '');
  expect([first, second, third].map(engines)).toEqual([1, 0, 0]);
  expect(await capital(second)).toContain('Paris');

  // The leader closes in the middle of an answer of another tab.
  const cut = await longAnswer(second);
  await first.close();
  expect(await cut.end).toMatchObject({ code: 'engine-moved', isRetryable: true });
  expect(await capital(second)).toContain('Paris');
  expect(await capital(third)).toContain('Paris');
  expect([second, third].map(engines)).toEqual([1, 0]);

  // The new leader stands still, as a tab does that the browser has frozen: until it is let go, which it sees without a task.
  const again = await longAnswer(third);
  const thawed = second.evaluate(() => {
    while (!document.cookie.includes('thaw'));
  });
  expect(await again.end, 'while it still stands').toMatchObject({ code: 'engine-moved', isRetryable: true });
  expect(await capital(third)).toContain('Paris');
  expect(engines(third)).toBe(1);

  // When it moves again it is served like any other.
  await context.addCookies([{ name: 'thaw', value: '1', url: baseURL ?? '' }]);
  await thawed;
  expect(await capital(second)).toContain('Paris');
  await expect.poll(() => [second, third].map(engines)).toEqual([0, 1]);
});
