import { proxy, wrap } from 'comlink';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import modelUrl from '../models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf?url';
import {
  type Envelope,
  type GenerateEvent,
  type GenerateRequest,
  type InferencePort,
  PROTOCOL_VERSION,
  type SandboxPort,
} from '../src/protocol/index.ts';
import inferenceUrl from './inference.worker.ts?worker&url';
import sandboxUrl from './sandbox.worker.ts?worker&url';

/** Both workers of an answer, as the page starts them, with the embedded model. */
let file: Blob;
let workers: Worker[] = [];
let inference: ReturnType<typeof wrap<InferencePort>>;
let sandbox: ReturnType<typeof wrap<SandboxPort>>;

function start(url: string, name: string): Worker {
  const worker = new Worker(url, { type: 'module', name });
  workers.push(worker);
  return worker;
}

beforeAll(async () => {
  file = await (await fetch(modelUrl)).blob();
});

beforeEach(() => {
  inference = wrap<InferencePort>(start(inferenceUrl, `inference-${crypto.randomUUID()}`));
  sandbox = wrap<SandboxPort>(start(sandboxUrl, `sandbox-${crypto.randomUUID()}`));
});

afterEach(() => {
  for (const worker of workers) worker.terminate();
  workers = [];
});

function value<T>(envelope: Envelope<T>): T {
  if (!envelope.ok) throw new Error(JSON.stringify(envelope.error));
  return envelope.value;
}

const quiet = proxy(() => {});
const load = (threads: number, callId = 'load') =>
  inference.load(callId, { kind: 'file', file, name: 'model.gguf' }, { threads, contextLength: 1_024 }, quiet);

async function ask(question: string, changes: Partial<GenerateRequest>): Promise<GenerateRequest> {
  const { chatTemplate, bosToken, eosToken, specialTokens } = value(await load(2, `load for ${changes.callId}`));
  const rendered = await sandbox.renderTemplate({
    template: chatTemplate ?? '',
    messages: [
      { role: 'system', content: 'You are a helpful assistant. Answer briefly and correctly.' },
      { role: 'user', content: question },
    ],
    bosToken,
    eosToken,
    specialTokens,
    addGenerationPrompt: true,
  });
  return {
    callId: 'call',
    prompt: value(rendered),
    maxTokens: 40,
    stop: [],
    sampling: {
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      seed: 0,
    },
    ...changes,
  };
}

it('greets with the version of the protocol', async () => {
  expect(value(await inference.hello())).toEqual({ protocolVersion: PROTOCOL_VERSION });
  expect(value(await sandbox.hello())).toEqual({ protocolVersion: PROTOCOL_VERSION });
});

it('loads the model on two threads and answers from it, streamed', async () => {
  const request = await ask('What is the capital of France?', { callId: 'answer' });
  const deltas: string[] = [];
  const onEvent = proxy((event: GenerateEvent) => {
    if (event.type === 'text-delta') deltas.push(event.text);
  });
  const result = value(await inference.generate(request, onEvent));
  expect(result.text).toContain('Paris');
  expect(result.finishReason).toBe('stop');
  expect(deltas.join('')).toBe(result.text);
});

it('stops an answer and a load, and goes on', async () => {
  const request = await ask('Tell me a long story.', { callId: 'story', maxTokens: 900 });
  const onEvent = proxy((event: GenerateEvent) => {
    if (event.type === 'text-delta') void inference.abort('story');
  });
  const stopped = value(await inference.generate(request, onEvent));
  expect(stopped.finishReason).toBe('abort');
  expect(stopped.tokenIds.length).toBeLessThan(900);

  const loading = load(2, 'second load');
  void inference.abort('second load');
  expect(await loading).toMatchObject({ ok: false, error: { kind: 'abort' } });
  expect(await inference.generate(request, quiet)).toMatchObject({ ok: false, error: { code: 'model-not-loaded' } });
  expect((await load(1, 'third load')).ok).toBe(true);
});

it('checks a file and options without letting go of the model that is loaded', async () => {
  expect((await load(1, 'before a check')).ok).toBe(true);
  const check = (blob: Blob, options = {}) =>
    inference.check('check', { kind: 'file', file: blob, name: 'a.gguf' }, options);
  expect(await check(file)).toEqual({ ok: true, value: null });
  expect(await check(new Blob(['<!doctype html>']))).toMatchObject({ error: { code: 'gguf-invalid' } });
  expect(await check(file.slice(0, 5_000_000))).toMatchObject({ error: { code: 'gguf-truncated' } });
  expect(await check(file, { threads: 0 })).toMatchObject({ error: { code: 'invalid-option' } });
  const request = await ask('What is the capital of France?', { callId: 'after a check', maxTokens: 8 });
  expect(value(await inference.generate(request, quiet)).text).toContain('Paris');
});

it('gives coded errors for what is not a model', async () => {
  const page = new Blob(['<!doctype html><title>Sign in</title>']);
  const source = { kind: 'file', file: page, name: 'model.gguf' } as const;
  expect(await inference.load('html', source, {}, quiet)).toMatchObject({ ok: false, error: { code: 'gguf-invalid' } });
  const cut = { kind: 'file', file: file.slice(0, 5_000_000), name: 'cut.gguf' } as const;
  expect(await inference.load('cut', cut, {}, quiet)).toMatchObject({ ok: false, error: { code: 'gguf-truncated' } });
  const absent = { kind: 'stored', modelId: 'not-stored' } as const;
  expect(await inference.load('absent', absent, {}, quiet)).toMatchObject({
    ok: false,
    error: { code: 'model-unknown' },
  });
});

it('ends a hostile template with a code', async () => {
  const envelope = await sandbox.renderTemplate({
    template: '{% for i in range(1000000000) %}x{% endfor %}',
    messages: [],
    bosToken: '',
    eosToken: '',
    specialTokens: [],
    addGenerationPrompt: false,
  });
  expect(envelope).toMatchObject({ ok: false, error: { code: 'template-rejected' } });
});
