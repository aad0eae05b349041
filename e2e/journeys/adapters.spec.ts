import { bundle, expect, returning as test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

declare global {
  var outsideLibraries: typeof import('./fixtures/outside-libraries.ts');
}

const MODEL = 'smollm2-135m-instruct';

test('the real AI SDK and LangChain, and the Prompt API, call tools and get values of a schema from the real model', async ({
  page,
  baseURL,
}) => {
  await openLibrary(page, baseURL ?? '');
  await page.evaluate((model) => sotto.models.load(model), MODEL);
  await page.evaluate(await bundle('e2e/journeys/fixtures/outside-libraries.ts', 'outsideLibraries'));

  const seen = await page.evaluate(async (id) => {
    const { ai, createSottoProvider, ChatSotto, langchainTool, createPromptApi, z } = globalThis.outsideLibraries;
    const prompt = 'What is the weather in Paris?';
    const city = z.object({ city: z.string().max(20) });
    const asked: unknown[] = [];
    const execute = async (given: unknown) => {
      asked.push(given);
      return { degrees: 21 };
    };

    const model = createSottoProvider(sotto)(id);
    const weather = ai.tool({ description: 'The weather of a city', inputSchema: city, execute });
    const generated = await ai.generateText({
      model,
      prompt,
      tools: { weather },
      toolChoice: 'required',
      maxOutputTokens: 60,
      temperature: 0,
    });
    const parts: string[] = [];
    const streamed = ai.streamText({
      model,
      prompt,
      tools: { weather },
      toolChoice: { type: 'tool', toolName: 'weather' },
      maxOutputTokens: 60,
      temperature: 0,
    });
    for await (const { type } of streamed.stream) parts.push(type);
    const schema = z.object({ capital: z.string().max(20), isLarge: z.boolean() });
    const { output } = await ai.generateText({
      model,
      prompt: 'The capital of France, as JSON.',
      output: ai.Output.object({ schema }),
      temperature: 0,
    });

    const chat = new ChatSotto({ sotto, model: id, settings: { temperature: 0, max_tokens: 60 } });
    const chain = langchainTool(execute, { name: 'weather', description: 'The weather of a city', schema: city });
    const called = await chat.bindTools([chain], { tool_choice: 'any' }).invoke(prompt);
    const value = await chat.withStructuredOutput(schema).invoke('The capital of France, as JSON.');

    const { LanguageModel } = createPromptApi(sotto, { model: id, approve: 'always' });
    const tool = {
      name: 'weather',
      description: 'The weather of a city',
      inputSchema: { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'] },
      execute,
    };
    const session = await LanguageModel.create({ tools: [tool], samplingMode: 'most-predictable' });
    const isProtocol = await session.prompt('Is HTTP a protocol?', { responseConstraint: { type: 'boolean' } });
    const date = await session.prompt('When was 1 May 2020?', { responseConstraint: /On \d{4}-\d{2}-\d{2}\./ });
    return {
      toolCalls: generated.toolCalls.map(({ toolName, input }) => ({ toolName, input })),
      toolResults: generated.toolResults.length,
      parts,
      output,
      called: called.tool_calls,
      value,
      isProtocol,
      date,
      asked: asked.length,
    };
  }, MODEL);

  expect(seen.toolCalls[0]).toMatchObject({ toolName: 'weather', input: { city: expect.any(String) } });
  expect(seen.toolResults).toBe(seen.toolCalls.length);
  expect(seen.parts).toEqual(expect.arrayContaining(['tool-input-start', 'tool-call', 'tool-result']));
  expect(seen.output).toMatchObject({ capital: expect.any(String), isLarge: expect.any(Boolean) });
  expect(seen.called?.[0]).toMatchObject({ name: 'weather', args: { city: expect.any(String) } });
  expect(seen.value).toMatchObject({ capital: expect.any(String), isLarge: expect.any(Boolean) });
  expect(['true', 'false']).toContain(seen.isProtocol);
  expect(seen.date).toMatch(/^On \d{4}-\d{2}-\d{2}\.$/);
  expect(seen.asked).toBeGreaterThanOrEqual(2);
});
