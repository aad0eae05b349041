import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens } from '../testing/golden-models.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk } from './testing/node-model.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
const { spec, gguf, source } = buildGoldenModel(goldens.models.find(({ name }) => name === 'lfm2')!, 'F32');
const tokens = [0, 1, 2].flatMap(() => goldenTokens(goldens, spec.vocabularySize));

const open = () =>
  createCpuBackend({ spec, gguf, source, contextLength: 512, threads: 1, build: 'plain', compile: compileFromDisk });

it('cuts a text anywhere near its end, and goes on as if the rest had never been', async () => {
  const backend = await open();
  const fresh = (await backend.forward(tokens.slice(0, 300))).slice();
  await backend.forward(tokens.slice(17, 60), { logits: 'none' });
  for (const [keep, left] of [
    [299, 299],
    [290, 290],
    [280, 280],
  ] as const) {
    backend.truncate(keep);
    expect(backend.position).toBe(left);
    expect(await backend.forward(tokens.slice(left, 300)), `cut at ${keep}`).toEqual(fresh);
  }
  backend.dispose();
});

it('falls back to the last checkpoint where the text is cut further back, and says so', async () => {
  const backend = await open();
  const fresh = (await backend.forward(tokens.slice(0, 200))).slice();
  await backend.forward(tokens.slice(0, 200), { logits: 'none' });
  for (const [keep, left] of [
    [199, 192],
    [130, 128],
    [100, 64],
    [20, 0],
  ] as const) {
    backend.truncate(keep);
    expect(backend.position).toBe(left);
    expect(await backend.forward(tokens.slice(left, 200)), `cut at ${keep}`).toEqual(fresh);
    await backend.forward(tokens.slice(0, 200), { logits: 'none' });
  }
  expect(backend.pages).toBeUndefined();
  backend.dispose();
});
