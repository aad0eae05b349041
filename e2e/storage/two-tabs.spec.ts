import { writeGguf } from '../../src/formats/gguf/testing/gguf-writer.ts';
import { expect, returning as test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

const MODEL = 'smollm2-135m-instruct';

/** A LoRA adapter of rank 2 on one weight of the embedded model: 1536 values in, 576 out. */
function adapter(): Uint8Array<ArrayBuffer> {
  const part = (name: string, dimensions: readonly number[]) => {
    const values = Float32Array.from(
      { length: dimensions[0]! * dimensions[1]! },
      (_, i) => 0.4 * Math.sin(i * 12.9898),
    );
    return { name, type: 'F32' as const, dimensions, data: new Uint8Array(values.buffer) };
  };
  const text = (value: string) => ({ type: 'string' as const, value });
  return writeGguf({
    metadata: [
      ['general.type', text('adapter')],
      ['general.architecture', text('llama')],
      ['general.name', text('Babble')],
      ['adapter.type', text('lora')],
      ['adapter.lora.alpha', { type: 'float32', value: 4 }],
    ],
    tensors: [part('blk.20.ffn_down.weight.lora_a', [1536, 2]), part('blk.20.ffn_down.weight.lora_b', [2, 576])],
  });
}

test('an adapter comes by its address and is kept; a model deleted in one tab while another uses it ends cleanly', async ({
  profile,
  baseURL,
}) => {
  const context = await profile.open();
  let asked = 0;
  await context.route('**/files/babble.gguf', (route) => {
    asked += 1;
    return route.fulfill({ status: 200, contentType: 'application/octet-stream', body: Buffer.from(adapter()) });
  });
  const first = await openLibrary(await context.newPage(), baseURL);
  const second = await openLibrary(await context.newPage(), baseURL);
  const answers = await first.evaluate(async (model) => {
    await sotto.models.load(model, { backend: 'cpu', contextLength: 1024 });
    const names = await sotto.models.loadAdapter('babble', '/files/babble.gguf');
    const ask = async (adapterName?: string) => {
      const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
      const request = { model, messages, max_tokens: 12, temperature: 0 };
      const answer = await sotto.chat.completions.create(adapterName ? { ...request, adapter: adapterName } : request);
      return answer.choices[0]?.message.content ?? '';
    };
    const answered = { names, plain: await ask(), babble: await ask('babble'), again: await ask() };
    // Loaded anew it is here already.
    await sotto.models.loadAdapter('second', '/files/babble.gguf');
    return { ...answered, stored: (await sotto.models.stored()).map(({ id }) => id) };
  }, MODEL);
  expect(answers.names).toEqual(['babble']);
  expect(answers.plain).toContain('Paris');
  expect(answers.babble).not.toBe(answers.plain);
  expect(answers.again).toBe(answers.plain);
  expect(answers.stored, 'the model, the encoder of the visit before, the adapter').toHaveLength(3);
  const fetches = asked;

  // In the middle of an answer: the weights are in the other tab's memory, and it goes on.
  const answer = first.evaluate(async (model) => {
    const prompt = 'one two three one two three one two three one';
    const request = { model, prompt, max_tokens: 120, temperature: 0, repetition_penalty: 1 };
    return (await sotto.completions.create(request)).choices[0]?.finish_reason;
  }, MODEL);
  await second.evaluate((model) => sotto.models.delete(model), MODEL);
  expect(await answer).toBe('length');
  expect(asked).toBe(fetches);

  // In the middle of a load: it ends as a stopped one does, and brings nothing back.
  await first.evaluate(async (model) => {
    await sotto.models.unload();
    await sotto.models.download(model);
  }, MODEL);
  // It begins when the first bytes have been read.
  await first.evaluate(
    (model) =>
      new Promise<void>((begun) => {
        const load = sotto.models.load(model, {
          backend: 'cpu',
          contextLength: 1024,
          onProgress: (event) => {
            if (event.type === 'load-progress' && event.loadedBytes > 0) begun();
          },
        });
        const ended = load.then(
          () => 'loaded',
          (error: unknown) => (error as { name: string }).name,
        );
        Object.assign(globalThis, { ended });
      }),
    MODEL,
  );
  await second.evaluate((model) => sotto.models.delete(model), MODEL);
  const load = first.evaluate(() => (globalThis as unknown as { ended: Promise<string> }).ended);
  expect(['loaded', 'AbortError']).toContain(await load);
  for (const page of [first, second]) {
    const left = await page.evaluate(() => sotto.models.stored());
    expect(left.map(({ id }) => id)).not.toContain(MODEL);
  }
});
