import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../src/formats/gguf/types.ts';
import { createCpuBackend } from '../../src/runtime/backends/cpu/create-cpu-backend.ts';
import { compileFromDisk } from '../../src/runtime/backends/cpu/testing/node-model.ts';
import { type ArchitectureGoldens, buildGoldenModel } from '../../src/runtime/backends/testing/golden-models.ts';
import { judge } from './ties.mjs';

type GreedyCase = Parameters<typeof judge>[0] & { readonly name: string; readonly type: GgmlTypeName };

const { models } = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
const cases = JSON.parse(readFileSync('scripts/goldens/families-greedy.json', 'utf8')) as GreedyCase[];

/** What the engine writes after the prompt, each time the likeliest token, with the cache that it takes by itself. */
async function continued({ name, type, promptTokenIds, tokenIds }: GreedyCase): Promise<number[]> {
  const model = models.find((golden) => golden.name === name)!;
  const { spec, gguf, source } = buildGoldenModel(model, type);
  const setting = { contextLength: model.context, threads: 1, build: 'plain', compile: compileFromDisk } as const;
  const backend = await createCpuBackend({ spec, gguf, source, ...setting });
  try {
    const written: number[] = [];
    let step: readonly number[] = promptTokenIds;
    while (written.length < tokenIds.length) {
      const logits = await backend.forward(step);
      written.push(logits.indexOf(Math.max(...logits)));
      step = written.slice(-1);
    }
    return written;
  } finally {
    backend.dispose();
  }
}

describe('greedy tokens are those of llama.cpp, up to ties', () => {
  it.each(cases.map((golden) => [golden.name, golden.type, golden] as const))('of %s in %s', async (_, __, golden) => {
    const { promptTokenIds } = golden;
    const verdict = judge(golden, { promptTokenIds, tokenIds: await continued(golden) });
    expect(verdict, JSON.stringify(verdict)).toMatchObject({ kind: expect.stringMatching(/^(equal|tie)$/) });
  });
});
