import { expect, returning as test } from '../kit/index.ts';
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

test('a conversation longer than the context is refused, or loses its oldest turns and says so', async ({
  page,
  baseURL,
}) => {
  await openLibrary(page, baseURL);
  await page.evaluate((model) => sotto.models.load(model, { backend: 'cpu', contextLength: 512 }), MODEL);
  const answer = await page.evaluate(async (model) => {
    const turn = (number: number) => [
      { role: 'user' as const, content: `Question ${number}: ${'what about the mill? '.repeat(10)}` },
      { role: 'assistant' as const, content: `Answer ${number}: it stands by the river.` },
    ];
    const system = { role: 'system' as const, content: 'You answer in one word.' };
    const last = { role: 'user' as const, content: 'What is the capital of France?' };
    const turns = Array.from({ length: 12 }, (_, number) => turn(number)).flat();
    const request = { model, messages: [system, ...turns, last], temperature: 0, max_tokens: 12 };
    const code = await sotto.chat.completions.create(request).then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
    const fitted = await sotto.chat.completions.create({ ...request, context_policy: 'truncate-middle' });
    return {
      code,
      dropped: fitted.sotto.dropped,
      prompt: fitted.usage.prompt_tokens,
      text: fitted.choices[0]?.message.content,
    };
  }, MODEL);
  expect(answer.code).toBe('prompt-too-long');
  expect(answer.dropped?.messages).toBeGreaterThan(4);
  expect((answer.dropped?.messages ?? 1) % 2).toBe(0);
  expect(answer.prompt).toBeLessThanOrEqual(500);
  expect(answer.prompt).toBeGreaterThan(350);
  expect(answer.text?.length).toBeGreaterThan(0);
});
