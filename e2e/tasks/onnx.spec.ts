import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from './library-page.ts';
import { FIXTURES, filesOf, rounded } from './onnx-fixtures.ts';

interface Golden {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: unknown;
}

const families = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as readonly Golden[];
const sentences = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../scripts/goldens/embeddings.json'), 'utf8'),
) as readonly { readonly text: string; readonly vector: readonly number[] }[];

test('sentence vectors of the embedded ONNX model are those of the float weights, and nothing is asked of another host', async ({
  profile,
  canary,
  baseURL,
}) => {
  const context = await profile.open({ extraArguments: canary.catchAllArguments });
  const page = await openLibrary(await context.newPage(), baseURL);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const embed = (texts: readonly string[]) =>
    page.evaluate(async (asked) => {
      const model = await sotto.onnx.load('all-minilm-l6-v2-onnx', 'feature-extraction');
      const { vectors, dimensions, modelHash } = await sotto.onnx.embed(model.id, asked);
      return { vectors: [...vectors], dimensions, modelHash, threads: model.threads };
    }, texts);

  const { vectors, dimensions, modelHash } = await embed(sentences.map(({ text }) => text));
  expect(dimensions).toBe(384);
  expect(modelHash).toBe('8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6');
  for (const [index, { text, vector }] of sentences.entries()) {
    const cosine = vector.reduce((sum, value, at) => sum + value * (vectors[index * 384 + at] ?? 0), 0);
    // int8 weights: between 0.998 (one word) and 0.9997 (sentences).
    expect(cosine, text).toBeGreaterThan(0.998);
  }

  // From now on it is all here: model in the store, runtime in the cache.
  await context.setOffline(true);
  await page.evaluate(() => sotto.dispose());
  const again = await embed(['The cat sat on the mat.']);
  expect(again.vectors.slice(0, 3).map(rounded)).toEqual(vectors.slice(0, 3).map(rounded));
  expect(canary.total(), JSON.stringify(canary.hits())).toBe(0);
});

test('a model of each family answers as torch does', async ({ page }) => {
  await openLibrary(page);
  for (const { name, task, inputs, options, expected } of families) {
    const result = await page.evaluate(
      async ([family, files, job, given, parameters]) => {
        const blobs = files.map(({ path, base64 }) => ({
          path,
          blob: new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
        }));
        const model = await sotto.onnx.load({ name: family, files: blobs }, job as 'fill-mask');
        const answer = await sotto.onnx.run(model.id, job as 'fill-mask', given, { parameters });
        await sotto.onnx.unload(model.id);
        return answer;
      },
      [name, filesOf(name), task, inputs, options] as const,
    );
    expect(rounded(result), `${name}, ${task}`).toMatchObject(rounded(expected) as Record<string, unknown>);
  }
});

test('a model that is not whole, or not what it says, is refused with a reason', async ({ page }) => {
  await openLibrary(page);
  const codes = await page.evaluate(async (files) => {
    const blobs = files.map(({ path, base64 }) => ({
      path,
      blob: new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
    }));
    const attempt = async (changed: readonly { path: string; blob: Blob }[], task = 'text-classification') => {
      try {
        await sotto.onnx.load({ name: 'broken', files: changed }, task as 'fill-mask');
        return 'loaded';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const but = (path: string, blob?: Blob) => [
      ...blobs.filter((file) => file.path !== path),
      ...(blob === undefined ? [] : [{ path, blob }]),
    ];
    const weights = blobs.find(({ path }) => path.endsWith('.onnx'))?.blob ?? new Blob();
    return {
      withoutTokenizer: await attempt(but('tokenizer.json')),
      withoutConfig: await attempt(but('config.json')),
      cutOff: await attempt(but('onnx/model.onnx', weights.slice(0, weights.size - 100))),
      html: await attempt(but('onnx/model.onnx', new Blob(['<!doctype html>']))),
      whole: await attempt(blobs),
    };
  }, filesOf('bert'));
  expect(codes).toEqual({
    withoutTokenizer: 'model-unsupported',
    withoutConfig: 'model-unsupported',
    cutOff: 'onnx-truncated',
    html: 'onnx-invalid',
    whole: 'loaded',
  });
});
