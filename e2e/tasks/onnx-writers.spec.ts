import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { SOFTWARE_WEBGPU } from '../../scripts/lib/chromium.mjs';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from './library-page.ts';
import { FIXTURES, filesOf, type GivenFile, rounded } from './onnx-fixtures.ts';

interface Decoder {
  readonly name: string;
  readonly plain: readonly { readonly prompt: string; readonly tokens: readonly number[] }[];
  readonly chat: {
    readonly message: string;
    readonly prompt: readonly number[];
    readonly tokens: readonly number[];
    readonly text: string;
  };
}

interface Writer {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: unknown;
}

const goldens = JSON.parse(readFileSync(join(FIXTURES, 'writers.json'), 'utf8')) as {
  readonly seq2seq: readonly Writer[];
  readonly decoders: readonly Decoder[];
};

/** Loads a folder as the file picker gives it, or stores it first. */
function loadFolder(
  page: Page,
  name: string,
  files: readonly GivenFile[],
  { backend = 'auto', stores = false }: { readonly backend?: 'auto' | 'webgpu'; readonly stores?: boolean } = {},
) {
  return page.evaluate(
    async ([folder, given, on, isStored]) => {
      const list = given.map(({ path, base64 }) => {
        const file = new File(
          [Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))],
          path.split('/').at(-1)!,
        );
        Object.defineProperty(file, 'webkitRelativePath', { value: `${folder}/${path}` });
        return file;
      });
      if (!isStored) return sotto.models.load(list, { backend: on });
      const [stored] = await sotto.models.import(list);
      return sotto.models.load(stored?.id ?? '', { backend: on });
    },
    [name, files, backend, stores] as const,
  );
}

test('models that read one text and write another (T5, BART, Marian) write as torch does, word by word', async ({
  page,
}) => {
  await openLibrary(page);
  for (const { name, task, inputs, options, expected } of goldens.seq2seq) {
    const {
      result,
      streamed,
      task: asked,
    } = await page.evaluate(
      async ([family, files, job, given, parameters]) => {
        const blobs = files.map(({ path, base64 }) => ({
          path,
          blob: new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
        }));
        const model = await sotto.onnx.load({ name: family, files: blobs }, job as 'translation');
        let text = '';
        const answer = await sotto.onnx.run(model.id, job as 'translation', given, {
          parameters,
          onEvent: (event) => {
            if (event.type === 'text-delta') text += event.text;
          },
        });
        // The task of that name goes through it while it is loaded, and says afterwards what it lacks.
        const translate = () => sotto.tasks.translate('The cat sat on the mat.', { from: 'en', to: 'de' });
        const refusal = ({ code, message }: { code: string; message: string }) => ({ code, message });
        const through = job === 'translation' ? await translate() : undefined;
        await sotto.onnx.unload(model.id);
        const without = job === 'translation' ? await translate().catch(refusal) : undefined;
        return { result: answer, streamed: text, task: { through, without } };
      },
      [name, filesOf(name), task, inputs, options] as const,
    );
    expect(rounded(result), `${name}, ${task}`).toEqual(expected);
    if (task === 'translation') {
      expect(asked.through).toMatchObject({ model: name, from: 'en', to: 'de', text: expect.stringMatching(/\S/) });
      expect(asked.without).toMatchObject({
        code: 'task-unavailable',
        message: expect.stringMatching(/catalogue would do: \S+/),
      });
    }
    expect(streamed.trim(), name).toBe(String(Object.values((expected as object[])[0]!)[0]).trim());
  }
});

test('decoders that exist only as ONNX answer through the same chat, with grammar, log-probabilities and abort', async ({
  page,
}) => {
  await openLibrary(page);
  for (const { name, plain, chat } of goldens.decoders) {
    const model = await loadFolder(page, name, filesOf(name), { stores: name === 'opt' });
    expect(model).toMatchObject({ id: name, backend: 'cpu', architecture: name, chatTemplateSource: 'file' });
    const answers = await page.evaluate(
      async ([id, prompts, message]) => {
        const settings = { model: id, temperature: 0, max_tokens: 12, repetition_penalty: 1 } as const;
        const texts = [];
        for (const prompt of prompts) texts.push((await sotto.completions.create({ ...settings, prompt })).sotto);
        const messages = [{ role: 'user', content: message }] as const;
        const whole = await sotto.chat.completions.create({ ...settings, messages, logprobs: true, top_logprobs: 2 });
        let streamed = '';
        const stream = await sotto.chat.completions.create({ ...settings, messages, stream: true });
        for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? '';
        const formed = await sotto.chat.completions.create({
          ...settings,
          messages,
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'x', strict: true, schema: { enum: ['yes', 'no'] } },
          },
        });
        const controller = new AbortController();
        let read = 0;
        let end: string | null | undefined;
        const long = await sotto.chat.completions.create(
          { ...settings, messages, max_tokens: 200, stream: true },
          { signal: controller.signal },
        );
        for await (const chunk of long) {
          if (++read === 3) controller.abort();
          end = chunk.choices[0]?.finish_reason ?? end;
        }
        return { texts, whole, streamed, formed: formed.choices[0]?.message.content, read, end };
      },
      [name, plain.map(({ prompt }) => prompt), chat.message] as const,
    );
    expect(answers.texts.map((extras) => extras.tokenIds)).toEqual(plain.map(({ tokens }) => tokens));
    expect(answers.whole.sotto.promptTokenIds).toEqual(chat.prompt);
    expect(answers.whole.sotto.tokenIds).toEqual(chat.tokens);
    expect(answers.whole.choices[0]?.message.content).toBe(chat.text);
    expect(answers.whole.choices[0]?.logprobs?.content).toHaveLength(chat.tokens.length);
    expect(answers.streamed).toBe(chat.text);
    expect(['"yes"', '"no"']).toContain(answers.formed);
    expect(answers.read).toBeLessThan(150);
  }
});

test('ONNX models run on WebGPU where there is an adapter; where there is none, they say so and run all the same', async ({
  page,
  profile,
  baseURL,
}) => {
  const { name, chat } = goldens.decoders[0]!;
  const run = async (where: Page) => {
    const { backend, engineReason } = await loadFolder(where, name, filesOf(name), { backend: 'webgpu' });
    const [tokens, device] = await where.evaluate(
      async ([id, content, files]) => {
        const request = { model: id, temperature: 0, max_tokens: 12, repetition_penalty: 1 };
        const answer = await sotto.chat.completions.create({ ...request, messages: [{ role: 'user', content }] });
        const blobs = files.map(({ path, base64 }) => ({
          path,
          blob: new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
        }));
        const model = await sotto.onnx.load({ name: 'bert', files: blobs }, 'text-classification', {
          device: 'webgpu',
        });
        await sotto.onnx.run('bert', 'text-classification', ['the cat sat on the mat']);
        return [answer.sotto.tokenIds, [model.device, model.deviceReason]] as const;
      },
      [name, chat.message, filesOf('bert')] as const,
    );
    expect(tokens).toEqual(chat.tokens);
    return { backend, engineReason, device };
  };
  expect(await run(await openLibrary(page))).toEqual({
    backend: 'cpu',
    engineReason: 'no-adapter',
    device: ['wasm', 'no-adapter'],
  });
  const context = await profile.open({ extraArguments: SOFTWARE_WEBGPU });
  expect(await run(await openLibrary(await context.newPage(), baseURL))).toEqual({
    backend: 'webgpu',
    engineReason: 'asked-for',
    device: ['webgpu', undefined],
  });
});
