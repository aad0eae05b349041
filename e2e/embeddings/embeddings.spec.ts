import { readFileSync } from 'node:fs';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

interface Golden {
  readonly cases: readonly { text: string; ids: number[]; vector: string }[];
}

const golden = JSON.parse(readFileSync('scripts/goldens/minilm.json', 'utf8')) as Golden;

test('the default encoder is fetched once, answers in the shape of the OpenAI API, and is as near to the float weights as promised', async ({
  page,
}) => {
  await openLibrary(page);
  const seen = await page.evaluate(async (cases) => {
    const floats = (base64: string) => new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    const input = cases.map(({ text }) => text);
    const whole = await sotto.embeddings.create({ input, truncate: 'end' });
    const coded = await sotto.embeddings.create({ input: 'a', encoding_format: 'base64', dimensions: 64 });
    const code = async (request: Parameters<typeof sotto.embeddings.create>[0]) =>
      sotto.embeddings.create(request).then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
    const stop = new AbortController();
    const aborted = sotto.embeddings.create({ input: input.concat(input) }, { signal: stop.signal });
    stop.abort();
    const abortName = await aborted.then(
      () => 'none',
      (error: Error) => error.name,
    );
    const { loaded } = sotto.embeddings;
    const result = {
      near: whole.data.map(({ embedding }, index) => dot(embedding as number[], floats(cases[index]?.vector ?? ''))),
      usage: whole.usage.prompt_tokens,
      model: whole.model,
      coded: floats(coded.data[0]?.embedding as string).length,
      codedLength: Math.hypot(...floats(coded.data[0]?.embedding as string)),
      codes: [
        await code({ input: '' }),
        await code({ input: [] }),
        await code({ input: [1, 2] as unknown as string[] }),
        await code({ input: 'word '.repeat(600) }),
        await code({ input: 'a', dimensions: 4_000 }),
        await code({ input: 'a', encoding_format: 'hex' as 'float' }),
        await code({ input: 'a', model: 'no-such-model' }),
      ],
      abortName,
      loaded,
    };
    return result;
  }, golden.cases);
  for (const [index, near] of seen.near.entries()) expect(near, golden.cases[index]?.text).toBeGreaterThan(0.999);
  expect(seen.usage).toBe(golden.cases.reduce((sum, { ids }) => sum + ids.length, 0));
  expect(seen.model).toBe('all-minilm-l6-v2');
  expect(seen.coded).toBe(64);
  expect(seen.codedLength).toBeCloseTo(1, 5);
  expect(seen.codes.slice(0, 6)).toEqual([
    'empty-prompt',
    'empty-prompt',
    'unsupported-option',
    'prompt-too-long',
    'invalid-option',
    'invalid-option',
  ]);
  expect(seen.codes[6]).not.toBe('none');
  expect(seen.abortName).toBe('AbortError');
  expect(seen.loaded).toMatchObject({ architecture: 'bert', dimensions: 384, contextLength: 512 });
});
