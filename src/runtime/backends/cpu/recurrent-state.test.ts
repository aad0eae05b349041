import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens } from '../testing/golden-models.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk } from './testing/node-model.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;

async function open(name: string) {
  const { spec, gguf, source } = buildGoldenModel(goldens.models.find((model) => model.name === name)!, 'F32');
  const backend = await createCpuBackend({
    spec,
    gguf,
    source,
    contextLength: 512,
    threads: 1,
    build: 'plain',
    compile: compileFromDisk,
  });
  return { backend, tokens: [0, 1].flatMap(() => goldenTokens(goldens, spec.vocabularySize)) };
}

describe.each(['granitehybrid', 'falcon-h1', 'qwen35'])('the state of %s', (name) => {
  it('is cut at a copy or at the beginning, and goes on as if the rest had never been', async () => {
    const { backend, tokens } = await open(name);
    await backend.forward(tokens.slice(0, 60), { logits: 'none' });
    const fresh = (await backend.forward(tokens.slice(60, 100))).slice();
    for (const token of tokens.slice(200, 205)) await backend.forward([token], { logits: 'none' });
    expect(backend.rewindsFreely).toBe(false);
    backend.truncate(99);
    // How long chunks are depends on how fast the machine is; before the second call's first one a copy was taken.
    const { position } = backend;
    expect(position).toBeGreaterThanOrEqual(60);
    expect(position).toBeLessThanOrEqual(99);
    expect(await backend.forward(tokens.slice(position, 100))).toEqual(fresh);
    backend.truncate(100);
    expect(backend.position).toBe(100);
    backend.truncate(20);
    expect(backend.position).toBeLessThanOrEqual(20);
    expect(await backend.forward(tokens.slice(backend.position, 100))).toEqual(fresh);
    expect(backend.pages).toBeUndefined();
    backend.dispose();
  });
});
