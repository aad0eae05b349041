import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { openDB } from 'idb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planModel } from '../../client/library/plan-model.ts';
import { readGguf } from '../../formats/gguf/index.ts';
import { ggufFacts } from '../../library/gguf-facts.ts';
import type { GenerateRequest, GrammarSource, PromptPiece } from '../../protocol/index.ts';
import type { ByteSource } from '../../shared/index.ts';
import { openSnapshotStore } from '../../storage/snapshots/index.ts';
import { createCpuBackend } from '../backends/cpu/index.ts';
import { renderChatTemplate } from '../text/chat-template/index.ts';
import { createTokenizer } from '../text/index.ts';
import { openModelFile } from '../text/testing/model-file.ts';
import { compileGrammar } from './grammar/compile/index.ts';
import { loadModel, type RunningModel } from './load-model.ts';
import { createSession } from './session.ts';
import { SpeculationPace } from './speculation/index.ts';
import { GREEDY } from './testing/greedy.ts';

/** The embedded model on the real engine, on one thread. Relaxed SIMD is left out: Node 20 computes it wrongly. */
let file: ByteSource & AsyncDisposable;
let model: RunningModel;

async function compile(build: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(new URL(`../backends/cpu/generated/${build}.wasm`, import.meta.url)));
}

async function load({
  version,
  kvCache,
  ...more
}: {
  readonly draft?: ByteSource;
  readonly version?: string;
  readonly kvCache?: 'f16';
} = {}): Promise<RunningModel> {
  const request = {
    ...more,
    source: file,
    fallbackName: 'model',
    options: { contextLength: 512, ...(kvCache && { kvCache }) },
    onProgress: () => {},
  };
  return loadModel(
    { ...request, signal: new AbortController().signal },
    {
      createBackend: (backend) => createCpuBackend({ ...backend, threads: 1, build: 'plain', compile }),
      openSnapshots: openSnapshotStore,
      version,
    },
  );
}

beforeAll(async () => {
  file = await openModelFile();
  model = await load();
}, 60_000);

afterAll(async () => {
  model.backend.dispose();
  await file[Symbol.asyncDispose]();
});

function chat(...contents: string[]): PromptPiece[] {
  const { chatTemplate, bosToken, eosToken, specialTokens } = model.description;
  const roles = ['system', 'user', 'assistant'] as const;
  return renderChatTemplate({
    template: chatTemplate ?? '',
    messages: contents.map((content, index) => ({ role: roles[index === 0 ? 0 : 2 - (index % 2)] ?? 'user', content })),
    bosToken,
    eosToken,
    specialTokens,
    addGenerationPrompt: true,
  });
}

const request = (prompt: readonly PromptPiece[], changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  callId: 'call',
  prompt,
  maxTokens: 24,
  stop: [],
  sampling: GREEDY,
  ...changes,
});

const SYSTEM = 'You are a helpful assistant. Answer briefly and correctly.';

describe('the embedded model', () => {
  it('answers, and ends its turn by itself', async () => {
    const result = await model.session.generate(request(chat(SYSTEM, 'What is the capital of France?')));
    expect(result.text).toMatch(/Paris/);
    expect(result.finishReason).toBe('stop');
  }, 60_000);

  it('gives a follow-up from the cache that a fresh engine gives from the start', async () => {
    const first = 'What is the capital of France?';
    const { text } = await model.session.generate(request(chat(SYSTEM, first)));
    const followUp = request(chat(SYSTEM, first, text, 'And of Italy?'));
    const warm = await model.session.generate(followUp);
    expect(warm.timings.cachedTokens).toBeGreaterThan(20);
    const other = await load();
    const cold = await other.session.generate(followUp);
    other.backend.dispose();
    expect(cold.timings.cachedTokens).toBe(0);
    expect(warm.tokenIds).toEqual(cold.tokenIds);
  }, 60_000);

  it('takes up after a reload what was saved, and says what it would have said', async () => {
    const document = `${SYSTEM} ${'The mill by the river was built in 1782 by Thomas Whitlock. '.repeat(8)}`;
    const text = await model.session.read(chat(document));
    const saved = await model.snapshots!.save('the mill', text);
    expect(saved).toMatchObject({ name: 'the mill', tokens: text.tokens.length });
    const question = request(chat(document, 'Who built the mill?'));
    const expected = await model.session.generate(question);
    const other = await load();
    const resumed = await other.session.generate(question);
    other.backend.dispose();
    expect(resumed.timings.cachedTokens).toBeGreaterThan(100);
    expect(resumed.tokenIds).toEqual(expected.tokenIds);
  }, 60_000);

  it('refuses what other kernels, other settings or a damaged disk give, says why, and answers the same', async () => {
    const document = `${SYSTEM} ${'The bell in the tower was cast in 1803 by Mary Bright. '.repeat(7)}`;
    const question = request(chat(document, 'Who cast the bell?'), { maxTokens: 5 });
    const { session, snapshots } = model;
    await snapshots!.save('the bell', await session.read(chat(document)));
    const expected = await session.generate(question);
    const store = (await openSnapshotStore())!;
    const names = async () => (await store.list()).map(({ name }) => name);
    const ask = async (more: Parameters<typeof load>[0] = {}) => {
      const other = await load(more);
      const { tokenIds, timings } = await other.session.generate(question);
      other.backend.dispose();
      const { cachedTokens, refusedReading } = timings;
      return { tokenIds, refusedReading, isResumed: cachedTokens > 100 };
    };
    const { tokenIds } = expected;
    expect(await ask()).toEqual({ tokenIds, refusedReading: undefined, isResumed: true });
    expect(await ask({ kvCache: 'f16' })).toMatchObject({ refusedReading: 'other-engine', isResumed: false });
    // Other settings may come back; the kernels of another build do not.
    expect(await names()).toContain('the bell');
    expect(await ask({ version: 'another' })).toEqual({ tokenIds, refusedReading: 'other-engine', isResumed: false });
    expect(await names()).not.toContain('the bell');

    const { id } = await snapshots!.save('the bell', await session.read(chat(document)));
    const database = await openDB('sotto-snapshots');
    const [first, ...rest] = (await database.get('bodies', id)) as Uint8Array[];
    await database.put('bodies', [first!.map((byte, index) => (index === 9 ? byte ^ 1 : byte)), ...rest], id);
    database.close();
    expect(await ask()).toEqual({ tokenIds, refusedReading: 'damaged', isResumed: false });
    expect(await names()).not.toContain('the bell');
    store.close();
  }, 60_000);

  it('gives each of several that ask at once what it gives them one after the other', async () => {
    const ask = (question: string, changes: Partial<GenerateRequest> = {}) =>
      model.session.generate(request(chat(SYSTEM, question), { maxTokens: 10, ...changes }));
    const asks = [
      () => ask('What is the capital of France?'),
      () => ask('Write a poem about the sea.', { sampling: { ...GREEDY, temperature: 0.8, topP: 0.9, seed: 4 } }),
      () => ask('Say nothing.', { priority: 'background', maxTokens: 4 }),
    ];
    const together = await Promise.all(asks.map((one) => one()));
    for (const [index, one] of asks.entries()) expect((await one()).tokenIds).toEqual(together[index]!.tokenIds);
  }, 60_000);

  it('thinks as long as it may and not longer, and then answers in the form that was asked for', async () => {
    const tags = { open: '<think>', close: '</think>' };
    const form: GrammarSource = {
      kind: 'sequence',
      parts: [
        { kind: 'until', triggers: [tags.close] },
        { kind: 'regex', pattern: '\\n{0,2}' },
        { kind: 'choice', choices: ['Paris', 'Rome', 'Berlin'] },
      ],
    };
    const prompt = [...chat(SYSTEM, 'What is the capital of France?'), { kind: 'template' as const, text: tags.open }];
    const asked = request(prompt, {
      thinking: { tokens: 7, isOpen: true, ...tags },
      grammar: { key: 'thinking', compiled: compileGrammar(form) },
    });
    const { text, tokenIds, finishReason } = await model.session.generate(asked, { mask: model.mask(asked) });
    expect(text).toMatch(/^[^<]+\n<\/think>\n\n(Paris|Rome|Berlin)$/);
    expect(finishReason).toBe('stop');
    const { tokenIds: free } = await model.session.generate(request(prompt, { maxTokens: 7 }));
    expect(tokenIds.slice(0, 7)).toEqual(free);
  }, 60_000);

  it('is usable after an abort in mid-answer, as if nothing had been', async () => {
    const controller = new AbortController();
    const story = request(chat(SYSTEM, 'Tell me a long story about a dragon.'), { maxTokens: 200 });
    const aborted = await model.session.generate(story, {
      signal: controller.signal,
      onEvent: (event) => event.type === 'text-delta' && controller.abort(),
    });
    expect(aborted.finishReason).toBe('abort');
    const again = await model.session.generate({ ...story, maxTokens: 12 });
    const other = await load();
    const fresh = await other.session.generate({ ...story, maxTokens: 12 });
    other.backend.dispose();
    expect(again.tokenIds).toEqual(fresh.tokenIds);
    expect(again.tokenIds.slice(0, aborted.tokenIds.length)).toEqual(aborted.tokenIds.slice(0, 12));
  }, 60_000);

  it('says the same with the same seed, something else with another', async () => {
    const draw = async (seed: number) => {
      const sampling = { ...GREEDY, temperature: 1.2, topP: 0.95, seed };
      const prompt = chat(SYSTEM, 'Invent a name for a cat.');
      return (await model.session.generate(request(prompt, { sampling }))).tokenIds.join();
    };
    expect(await draw(5)).toBe(await draw(5));
    expect(await draw(5)).not.toBe(await draw(6));
  }, 60_000);

  it('writes the same with a model that guesses for it', { timeout: 60_000 }, async () => {
    const { backend, draft: draftBackend } = await load({ draft: file });
    try {
      // However dear guesses are: here the guesser is as large as the model.
      const pace = Object.assign(new SpeculationPace('cpu'), { best: () => 4 });
      const session = createSession(backend, createTokenizer(await readGguf(file)), { draftBackend, pace });
      const prompt = chat('You are brief.', 'Name three rivers.');
      const alone = await model.session.generate(request(prompt, { speculation: 'off' }));
      const together = await session.generate(request(prompt));
      expect(together.tokenIds).toEqual(alone.tokenIds);
      // It says what the model would say itself, so nearly all of it is taken.
      const { draftedTokens = 0, acceptedTokens = 0 } = together.timings.speculation ?? {};
      expect(draftedTokens).toBeGreaterThan(10);
      expect(acceptedTokens).toBeGreaterThan(0.8 * draftedTokens);
      // The planner says what the two take.
      const facts = await ggufFacts(await readGguf(file), file.size);
      const needs = { fileBytes: file.size, storedBytes: 0, ...facts };
      const device = { memoryBytes: null, threads: 1, gpuBufferBytes: null, freeBytes: null };
      const { parts } = planModel(needs, device, { contextLength: 512, draft: needs });
      expect(backend.memoryBytes).toBeLessThanOrEqual(parts.weights + parts.working + parts.cache);
      expect(draftBackend!.memoryBytes).toBeLessThanOrEqual(parts.draft);
      expect(draftBackend!.memoryBytes).toBeGreaterThan(0.85 * parts.draft);
    } finally {
      backend.dispose();
      draftBackend?.dispose();
    }
  });
});
