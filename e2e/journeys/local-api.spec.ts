import { bundle, ChatPage, expect, test } from '../kit/index.ts';

declare global {
  var openaiPackage: typeof import('openai');
}

test('the real openai client, with only its address changed, is answered by the page that has the model', async ({
  page,
  context,
}) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  // A second page of the origin, without an engine of its own: its requests reach the first one.
  const other = await context.newPage();
  await other.goto('/manifest.webmanifest');
  await expect.poll(() => other.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await other.evaluate(await bundle('node_modules/openai/index.mjs', 'openaiPackage'));

  const seen = await other.evaluate(async () => {
    const { OpenAI } = globalThis.openaiPackage;
    const client = new OpenAI({ baseURL: `${location.origin}/v1`, apiKey: 'none', dangerouslyAllowBrowser: true });
    const models = (await client.models.list()).data.map(({ id }) => id);
    const request = {
      model: models[0] ?? '',
      messages: [{ role: 'user' as const, content: 'What does HTTP stand for?' }],
      temperature: 0,
      seed: 1,
      max_tokens: 12,
    };
    const whole = await client.chat.completions.create(request);
    let streamed = '';
    const stream = await client.chat.completions.create({ ...request, stream: true });
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? '';
    const long = await client.chat.completions.create({ ...request, max_tokens: 500, stream: true });
    for await (const _ of long) break;
    const next = await client.completions.create({ model: request.model, prompt: 'One, two,', max_tokens: 2 });
    const refusal = await client.chat.completions
      .create({ ...request, temperature: 9 })
      .catch(({ status, code, param }) => ({ status, code, param }));
    const { content } = whole.choices[0]?.message ?? {};
    return { models, content, streamed, usage: whole.usage, next: next.choices.length, refusal };
  });
  expect(seen.models).toContain('smollm2-135m-instruct');
  expect(seen.content).toMatch(/hypertext transfer protocol/i);
  expect(seen.streamed).toBe(seen.content);
  expect(seen.usage?.completion_tokens).toBeGreaterThan(3);
  expect(seen.next).toBe(1);
  expect(seen.refusal).toMatchObject({ status: 400, code: 'invalid-option', param: 'temperature' });

  const navigation = await other.goto('/v1/models');
  expect(navigation?.status()).toBe(403);
});
