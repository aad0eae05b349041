import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest, GrammarSource } from '../../../protocol/index.ts';
import type { ByteSource } from '../../../shared/index.ts';
import { openSnapshotStore } from '../../../storage/snapshots/index.ts';
import { createCpuBackend } from '../../backends/cpu/index.ts';
import { renderChatTemplate } from '../../text/chat-template/index.ts';
import { openModelFile } from '../../text/testing/model-file.ts';
import { loadModel, type RunningModel } from '../load-model.ts';
import { GREEDY } from '../testing/greedy.ts';
import { compileGrammar } from './compile/index.ts';

/** The embedded model on the real engine: small enough to write no valid JSON by itself. */
let file: ByteSource & AsyncDisposable;
let model: RunningModel;

beforeAll(async () => {
  file = await openModelFile();
  const request = { source: file, fallbackName: 'model', options: { contextLength: 512 }, onProgress: () => {} };
  const compile = async (build: string) =>
    WebAssembly.compile(await readFile(new URL(`../../backends/cpu/generated/${build}.wasm`, import.meta.url)));
  model = await loadModel(
    { ...request, signal: new AbortController().signal },
    {
      createBackend: (backend) => createCpuBackend({ ...backend, threads: 1, build: 'plain', compile }),
      openSnapshots: openSnapshotStore,
    },
  );
}, 60_000);

afterAll(async () => {
  model.backend.dispose();
  await file[Symbol.asyncDispose]();
});

async function ask(question: string, source: GrammarSource, changes: Partial<GenerateRequest> = {}) {
  const { chatTemplate, bosToken, eosToken, specialTokens } = model.description;
  const messages = [{ role: 'user' as const, content: question }];
  const template = {
    template: chatTemplate ?? '',
    messages,
    bosToken,
    eosToken,
    specialTokens,
    addGenerationPrompt: true,
  };
  const sampling = { ...GREEDY, seed: 1 };
  const request: GenerateRequest = {
    callId: 'call',
    prompt: renderChatTemplate(template),
    maxTokens: 60,
    stop: [],
    sampling,
    grammar: { key: JSON.stringify(source), compiled: compileGrammar(source) },
    ...changes,
  };
  return model.session.generate(request, { mask: model.mask(request) });
}

const SCHEMA = {
  type: 'object',
  properties: {
    city: { type: 'string', maxLength: 20 },
    population: { type: 'integer', minimum: 1, maximum: 99_999_999 },
    tags: { type: 'array', items: { enum: ['old', 'big', 'green'] }, maxItems: 2 },
  },
  required: ['city', 'population', 'tags'],
};

describe('the embedded model within a grammar', () => {
  it('writes valid JSON, greedy and sampled, guessing tokens ahead or not', async () => {
    const validate = new Ajv2020().compile(SCHEMA);
    const question = 'Describe Paris as JSON.';
    const answers = new Set<string>();
    for (const speculation of ['auto', 'off'] as const) {
      const { text, finishReason } = await ask(question, { kind: 'json-schema', schema: SCHEMA }, { speculation });
      expect(finishReason).toBe('stop');
      expect(validate(JSON.parse(text)), text).toBe(true);
      answers.add(text);
    }
    expect(answers.size).toBe(1);
  }, 60_000);

  it('says that an answer was cut', async () => {
    const { text, finishReason } = await ask('Write JSON.', { kind: 'json', root: 'object' }, { maxTokens: 5 });
    expect(finishReason).toBe('length');
    expect(text.startsWith('{')).toBe(true);
  }, 60_000);

  it('chooses, and follows a pattern', async () => {
    const choices = ['London', 'Paris', 'Rome'];
    const choice = await ask('What is the capital of France?', { kind: 'choice', choices });
    expect(choices).toContain(choice.text);
    expect(choice.finishReason).toBe('stop');
    const date = await ask('When was the first of May 2020?', {
      kind: 'regex',
      pattern: 'On the \\d{4}-\\d{2}-\\d{2}\\.',
    });
    expect(date.text).toMatch(/^On the \d{4}-\d{2}-\d{2}\.$/);
  }, 60_000);
});
