import { goldenFolder, readConversionGoldens } from '../../src/runtime/conversion/testing/golden-folder.ts';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

test('a folder with safetensors weights becomes a GGUF file, is loaded as one, and is refused where a part is missing', async ({
  page,
}) => {
  const golden = readConversionGoldens().models.find(({ name }) => name === 'llama')!;
  const files = await Promise.all(
    goldenFolder(golden, { parts: 2 }).map(async ({ path, file }) => ({ path, text: [...(await file.bytes())] })),
  );
  await openLibrary(page);
  const seen = await page.evaluate(async (parts) => {
    const folder = parts.map(({ path, text }) => new File([new Uint8Array(text)], path));
    const steps: number[] = [];
    const converted = await sotto.models.convert(folder, {
      name: 'tiny',
      quantization: 'q4_1',
      onProgress: ({ doneBytes, totalBytes }) => steps.push(doneBytes / totalBytes),
    });
    const start = new TextDecoder().decode(await converted.file.slice(0, 4).arrayBuffer());
    const answer = async (source: File | File[]) => {
      const model = await sotto.models.load(source, { backend: 'cpu', threads: 1 });
      const request = { model: model.id, prompt: '\u0000\u0001', max_tokens: 4, temperature: 0 };
      const { sotto: extras } = await sotto.completions.create(request);
      return { id: model.id, architecture: model.architecture, tokens: extras?.tokenIds.length };
    };
    const code = async (promise: Promise<unknown>) => promise.then(String, (error: { code: string }) => error.code);
    return {
      start,
      name: converted.file.name,
      loss: converted.loss.overall,
      lastStep: steps.at(-1),
      fromFile: await answer(converted.file),
      fromFolder: await answer(folder),
      missing: await code(sotto.models.convert(folder.filter(({ name }) => name !== 'tokenizer.json'))),
      wrong: await code(sotto.models.convert(folder, { quantization: 'q2' as 'q8_0' })),
    };
  }, files);
  expect(seen).toMatchObject({
    start: 'GGUF',
    name: 'tiny.Q4_1.gguf',
    lastStep: 1,
    fromFile: { id: 'tiny.Q4_1.gguf', architecture: 'llama', tokens: 4 },
    fromFolder: { id: 'model.Q8_0.gguf', architecture: 'llama', tokens: 4 },
    missing: 'model-files-missing',
    wrong: 'invalid-option',
  });
  expect(seen.loss).toBeGreaterThan(0.01);
  expect(seen.loss).toBeLessThan(0.1);
});
