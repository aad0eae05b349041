import { expect, test } from '../kit/index.ts';

// A page without a head of its own: the browser asks for its icon.
test.use({ allowedErrors: [/404/] });

test('a page that is nothing but a script gets answers, and the browser’s missing language model', async ({ page }) => {
  await page.goto('/manifest.webmanifest');
  const seen = await page.evaluate(async () => {
    const load = (name: string) => import(new URL(name, location.href).href);
    const { Sotto }: typeof import('../../src/client/index.ts') = await load('/sotto.js');
    const adapter: typeof import('../../src/client/adapters/prompt-api/index.ts') = await load('/sotto-prompt-api.js');
    const sotto = await Sotto.create();
    const installed = adapter.installPromptApi(sotto, { model: 'smollm2-135m-instruct', replacesNative: true });
    const { LanguageModel } = globalThis as unknown as ReturnType<typeof adapter.createPromptApi>;
    const before = await LanguageModel.availability();
    const session = await LanguageModel.create({ samplingMode: 'most-predictable' });
    const answer = await session.prompt('What does HTTP stand for?');
    const other = await session.clone();
    let streamed = '';
    for await (const piece of other.promptStreaming('Say it again.') as unknown as AsyncIterable<string>)
      streamed += piece;

    const request = {
      model: 'smollm2-135m-instruct',
      messages: [{ role: 'user' as const, content: 'Say hello.' }],
      logprobs: true,
      top_logprobs: 2,
      max_tokens: 4,
      temperature: 0,
    };
    const { choices } = await sotto.chat.completions.create({ ...request, n: 2 });
    const messages = [...request.messages, { role: 'assistant' as const, content: 'The capital of France is' }];
    const continued = await sotto.chat.completions.create({ ...request, messages });
    const { total_tokens } = await sotto.chat.completions.countTokens(request);
    sotto.dispose();
    return {
      before,
      installed,
      answer,
      streamed,
      usage: session.contextUsage,
      choices: choices.map(({ message, logprobs }) => ({ text: message.content, logprobs })),
      continued: continued.choices[0]?.message.content,
      total_tokens,
    };
  });
  expect(seen.before).toBe('downloadable');
  expect(seen.installed).toEqual(expect.arrayContaining(['LanguageModel', 'Summarizer', 'Writer', 'Rewriter']));
  expect(seen.answer).toMatch(/hypertext transfer protocol/i);
  expect(seen.streamed.length).toBeGreaterThan(0);
  expect(seen.usage).toBeGreaterThan(20);
  expect(seen.choices[1]?.text).toBe(seen.choices[0]?.text);
  const tokens = seen.choices[0]?.logprobs?.content ?? [];
  expect(tokens.map(({ token }) => token).join('')).toBe(seen.choices[0]?.text);
  expect(tokens[0]?.top_logprobs[0]).toMatchObject({ token: tokens[0]?.token, logprob: tokens[0]?.logprob });
  expect(seen.continued).toMatch(/^ Paris/);
  expect(seen.total_tokens).toBeGreaterThan(10);
});
