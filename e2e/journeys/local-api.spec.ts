import { bundle, ChatPage, expect, returning as test } from '../kit/index.ts';

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
    const tool = {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'The weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'] },
      },
    };
    const weather = { ...request, messages: [{ role: 'user' as const, content: 'What is the weather in Paris?' }] };
    const calling = {
      ...weather,
      tools: [tool],
      tool_choice: 'required' as const,
      parallel_tool_calls: false,
      max_tokens: 60,
    };
    const called = await client.chat.completions.create(calling);
    let streamedArguments = '';
    for await (const { choices } of await client.chat.completions.create({ ...calling, stream: true })) {
      streamedArguments += choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    }
    // The client's own loop: it parses arguments, runs the function, sends the result, and asks on.
    const ran: unknown[] = [];
    const runner = client.chat.completions.runTools({
      ...weather,
      max_tokens: 60,
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      tools: [
        {
          type: 'function',
          function: {
            ...tool.function,
            parse: JSON.parse,
            function: (given: object) => {
              ran.push(given);
              return '21 degrees';
            },
          },
        },
      ],
    });
    await runner.done();
    const schema = { type: 'object', properties: { isProtocol: { type: 'boolean' } }, required: ['isProtocol'] };
    const response_format = { type: 'json_schema' as const, json_schema: { name: 'answer', schema, strict: true } };
    const parsed = await client.chat.completions.parse({ ...request, max_tokens: 40, response_format });
    const stream2 = client.chat.completions.stream({ ...request, max_tokens: 40, response_format });
    const structured = JSON.parse((await stream2.finalContent()) ?? '');
    const bad = { ...response_format, json_schema: { name: 'bad', schema: { not: {} } } };
    const unsupported = await client.chat.completions
      .create({ ...request, response_format: bad })
      .catch(({ status, code, param }) => ({ status, code, param }));
    // A flow is a model too: its trace comes with the answer, whole or streamed.
    const flow = { model: 'flow:support', messages: [{ role: 'user' as const, content: 'Is PayPal possible?' }] };
    const throughFlow = await client.chat.completions.create(flow);
    const flowSteps: string[] = [];
    for await (const chunk of await client.chat.completions.create({ ...flow, stream: true })) {
      const { flow_step: step } = chunk as unknown as { flow_step?: { node: string } };
      if (step !== undefined) flowSteps.push(step.node);
    }
    const { content } = whole.choices[0]?.message ?? {};
    return {
      flow: {
        model: throughFlow.model,
        said: throughFlow.choices[0]?.message.content,
        steps: flowSteps,
        ...(throughFlow as object as { sotto: object }).sotto,
      },
      models,
      content,
      streamed,
      usage: whole.usage,
      next: next.choices.length,
      refusal,
      called: called.choices[0],
      streamedArguments,
      ran,
      parsed: parsed.choices[0]?.message.parsed,
      content2: parsed.choices[0]?.message.content,
      structured,
      unsupported,
    };
  });
  expect(seen.models).toContain('smollm2-135m-instruct');
  expect(seen.content).toMatch(/hypertext transfer protocol/i);
  expect(seen.streamed).toBe(seen.content);
  expect(seen.usage?.completion_tokens).toBeGreaterThan(3);
  expect(seen.next).toBe(1);
  expect(seen.refusal).toMatchObject({ status: 400, code: 'invalid-option', param: 'temperature' });

  expect(seen.called?.finish_reason).toBe('tool_calls');
  const [call] = seen.called?.message.tool_calls ?? [];
  expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
  expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: expect.any(String) });
  expect(JSON.parse(seen.streamedArguments)).toEqual({ city: expect.any(String) });
  expect(seen.ran[0]).toEqual({ city: expect.any(String) });
  expect(JSON.parse(seen.content2 ?? '')).toEqual({ isProtocol: expect.any(Boolean) });
  expect(seen.parsed).toEqual(JSON.parse(seen.content2 ?? ''));
  expect(seen.structured).toEqual({ isProtocol: expect.any(Boolean) });
  expect(seen.unsupported).toMatchObject({ status: 400, code: 'grammar-unsupported' });

  expect(seen.models).toContain('flow:support');
  expect(seen.flow).toMatchObject({ model: 'flow:support', said: expect.stringMatching(/PayPal/) });
  expect(seen.flow).toMatchObject({ flow: { status: 'done', output: { route: 'faq' } } });
  const { trace } = (seen.flow as unknown as { flow: { trace: { steps: { node: string; status: string }[] } } }).flow;
  expect(trace.steps.filter(({ status }) => status === 'done').map(({ node }) => node)).toContain('answer');
  expect(seen.flow.steps).toEqual(trace.steps.map(({ node }) => node));

  const navigation = await other.goto('/v1/models');
  expect(navigation?.status()).toBe(403);
});
