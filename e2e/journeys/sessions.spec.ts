import { expect, test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

const MODEL = 'smollm2-135m-instruct';
const DOCUMENT = 'The mill by the river was built in 1782 by Thomas Whitlock, who owned most of the valley. '.repeat(
  12,
);

test('a document that was read once is taken up after a reload, until it is deleted', async ({ page, baseURL }) => {
  const messages = [{ role: 'system' as const, content: DOCUMENT }];
  const load = () => page.evaluate((model) => sotto.models.load(model, { backend: 'cpu', contextLength: 1024 }), MODEL);
  const ask = () =>
    page.evaluate(
      async ({ model, messages }) => {
        const question = { role: 'user' as const, content: 'Who built the mill?' };
        const request = { model, messages: [...messages, question], temperature: 0, max_tokens: 24 };
        const { choices, usage, timings } = await sotto.chat.completions.create(request);
        const text = choices[0]?.message.content;
        return { text, cached: usage.prompt_tokens_details?.cached_tokens ?? 0, firstTokenMs: timings.firstTokenMs };
      },
      { model: MODEL, messages },
    );

  await openLibrary(page, baseURL);
  await load();
  const saved = await page.evaluate(
    ({ model, messages }) => sotto.sessions.save({ model, name: 'the mill', messages }),
    { model: MODEL, messages },
  );
  expect(saved).toMatchObject({ name: 'the mill', model: expect.stringMatching(/smollm2/i) });
  expect(saved.tokens).toBeGreaterThan(200);
  const before = await ask();

  await openLibrary(page, baseURL);
  await load();
  const after = await ask();
  expect(after.text).toBe(before.text);
  expect(after.cached).toBeGreaterThanOrEqual(saved.tokens - 1);

  expect(await page.evaluate(() => sotto.sessions.list())).toEqual([saved]);
  await page.evaluate(({ id }) => sotto.sessions.delete(id), saved);
  expect(await page.evaluate(() => sotto.sessions.list())).toEqual([]);
  await openLibrary(page, baseURL);
  await load();
  const afresh = await ask();
  expect(afresh).toMatchObject({ text: before.text, cached: 0 });
});
