import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createCpuBackend } from '../../backends/cpu/index.ts';
import { compileFromDisk } from '../../backends/cpu/testing/node-model.ts';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens } from '../../backends/testing/golden-models.ts';
import { engineName } from './engine-name.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
const built = (name: string) => buildGoldenModel(goldens.models.find((model) => model.name === name)!, 'Q8_0');

/** Name and content of what an engine with a cache of so many positions has read. */
async function read(model: ReturnType<typeof built>, contextLength: number) {
  const options = { threads: 1, build: 'plain', compile: compileFromDisk } as const;
  const backend = await createCpuBackend({ ...model, contextLength, ...options });
  await backend.forward(goldenTokens(goldens, model.spec.vocabularySize).slice(0, 64), { logits: 'none' });
  const pages = await backend.pages!.read(0, 1);
  const { format } = backend.pages!;
  backend.dispose();
  return { name: await engineName({ format, description: backend.description }, model.spec, contextLength), pages };
}

it('is another one where a longer cache turns keys otherwise, for what the other has read would be wrong there', async () => {
  // Trained for 256 positions, with divisors of their own beyond.
  const model = built('phi3 (short)');
  const [short, full, long] = [await read(model, 200), await read(model, 256), await read(model, 257)];
  expect(full).toEqual(short);
  expect(long.pages).not.toEqual(full.pages);
  expect(long.name).not.toBe(full.name);
});

it('is the same for caches of any length where that changes nothing', async () => {
  const model = built('llama');
  expect(await read(model, 400)).toEqual(await read(model, 100));
});

it('tells engines and ways to hold keys and values apart', async () => {
  const { spec } = built('llama');
  const names = [
    { format: 'cpu int8 2x2x16', description: 'WebAssembly, SIMD' },
    { format: 'cpu f16 2x2x16', description: 'WebAssembly, SIMD' },
    { format: 'cpu int8 2x2x16', description: 'WebAssembly, relaxed SIMD' },
  ].map((engine) => engineName(engine, spec, 100));
  expect(new Set(await Promise.all(names)).size).toBe(3);
});
