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

test('what is kept is listed in the settings, and deleted there one by one', async ({ page, baseURL }) => {
  await openLibrary(page, baseURL);
  await page.evaluate(
    async ({ model, document }) => {
      await sotto.models.load(model, { backend: 'cpu', contextLength: 512 });
      for (const [name, text] of [
        ['the mill', document],
        ['the bell', `The bell in the tower was cast in 1803. ${document.slice(0, 400)}`],
      ] as const) {
        await sotto.sessions.save({ model, name, prompt: text.slice(0, 900) });
      }
    },
    { model: MODEL, document: DOCUMENT },
  );
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  const kept = page.getByRole('dialog').getByRole('list', { name: 'Kept readings' });
  await expect(kept.getByRole('listitem')).toHaveCount(2);
  await expect(kept).toContainText(/\d+ tokens/);
  await kept.getByRole('listitem').filter({ hasText: 'the mill' }).getByRole('button').click();
  await expect(kept.getByRole('listitem')).toHaveCount(1);
  await expect(kept).toContainText('the bell');
  expect((await page.evaluate(() => sotto.sessions.list())).map(({ name }) => name)).toEqual(['the bell']);
});

test('an answer that fills the context goes on where it may, and tells at once what it forgot', async ({
  page,
  baseURL,
}) => {
  await openLibrary(page, baseURL);
  const said = await page.evaluate(async (model) => {
    await sotto.models.load(model, { backend: 'cpu', contextLength: 128 });
    const messages = [{ role: 'user' as const, content: 'Count from one to one hundred, in words.' }];
    // It may not end by itself.
    const request = { model, messages, temperature: 0, max_tokens: 200, logit_bias: { 2: -100, 0: -100 } };
    const cut = await sotto.chat.completions.create(request);
    const told: { tokens: number; chunk: number }[] = [];
    let chunks = 0;
    let text = '';
    let last = 0;
    const stream = await sotto.chat.completions.create({ ...request, context_policy: 'shift', stream: true });
    for await (const chunk of stream) {
      chunks += 1;
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.dropped !== undefined) told.push({ tokens: chunk.dropped.tokens, chunk: chunks });
      last = chunk.sotto?.dropped?.tokens ?? last;
    }
    const { finish_reason: reason, message } = cut.choices[0]!;
    return { reason, cut: message.content ?? '', text, told, chunks, last };
  }, MODEL);
  expect(said.reason).toBe('length');
  expect(said.text.startsWith(said.cut)).toBe(true);
  expect(said.text.length).toBeGreaterThan(1.5 * said.cut.length);
  expect(said.told.length).toBeGreaterThan(1);
  expect(said.told[0]!.chunk).toBeLessThan(0.8 * said.chunks);
  expect(said.told.at(-1)!.tokens).toBe(said.last);
});

test('a hidden page that is to pause writes nothing until it is shown, and then what it would have written', async ({
  page,
  baseURL,
}) => {
  await page.addInitScript(() => {
    let isHidden = false;
    Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
    Object.assign(globalThis, {
      hideTab: (hides: boolean) => {
        isHidden = hides;
        document.dispatchEvent(new Event('visibilitychange'));
      },
    });
  });
  await openLibrary(page, baseURL);
  const { expected, paused, before, after } = await page.evaluate(async (model) => {
    const { hideTab } = globalThis as unknown as { hideTab(hides: boolean): void };
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await sotto.models.load(model, { backend: 'cpu', contextLength: 512 });
    const messages = [{ role: 'user' as const, content: 'Tell me a story about a lighthouse.' }];
    const request = { model, messages, temperature: 0, max_tokens: 120 };
    const whole = await sotto.chat.completions.create(request);
    sotto.background = 'pause';
    let text = '';
    let begun: () => void = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const writing = (async () => {
      for await (const chunk of await sotto.chat.completions.create({ ...request, stream: true })) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (text.length > 20) begun();
      }
    })();
    await hasBegun;
    hideTab(true);
    // What is under way still arrives.
    let before = -1;
    while (text.length !== before) {
      before = text.length;
      await wait(1_500);
    }
    await wait(1_500);
    const after = text.length;
    hideTab(false);
    await writing;
    return { expected: whole.choices[0]?.message.content, paused: text, before, after };
  }, MODEL);
  expect(after).toBe(before);
  expect(after).toBeLessThan(paused.length);
  expect(paused).toBe(expected);
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
