import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGguf } from '../../formats/gguf/index.ts';
import type { GenerateRequest, GenerateResult, PromptPiece } from '../../protocol/index.ts';
import type { ByteSource } from '../../shared/index.ts';
import { CACHE_KINDS, type CacheKind } from '../backends/cpu/cache-kind.ts';
import { openEmbeddedModel } from '../backends/cpu/testing/node-model.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { createTokenizer, type Tokenizer } from '../text/index.ts';
import { openModelFile } from '../text/testing/model-file.ts';
import { createSession, type Session, type SessionOptions } from './session.ts';
import { SpeculationPace } from './speculation/index.ts';
import { GREEDY } from './testing/greedy.ts';

/** The embedded model: what saves work must not show in any answer. */
let file: ByteSource & AsyncDisposable;
let tokenizer: Tokenizer;
const backends: DecoderBackend[] = [];

async function open(cacheKind: CacheKind = 'int8', options: SessionOptions = {}): Promise<Session> {
  const backend = await openEmbeddedModel({ contextLength: 512, cacheKind });
  backends.push(backend);
  return createSession(backend, tokenizer, options);
}

beforeAll(async () => {
  file = await openModelFile();
  tokenizer = createTokenizer(await readGguf(file));
});
afterAll(async () => {
  for (const backend of backends) backend.dispose();
  await file[Symbol.asyncDispose]();
});

const turn = (role: string, text: string): PromptPiece[] => [
  { kind: 'template', text: `<|im_start|>${role}\n` },
  { kind: 'text', text },
  { kind: 'template', text: '<|im_end|>\n' },
];
const SYSTEM = turn('system', 'You are a careful assistant. You answer in whole sentences and never make anything up.');
const ASSISTANT: PromptPiece = { kind: 'template', text: '<|im_start|>assistant\n' };
const ask = (prompt: readonly PromptPiece[], changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  callId: 'call',
  prompt: [...prompt, ASSISTANT],
  maxTokens: 16,
  stop: [],
  sampling: GREEDY,
  speculation: 'off',
  ...changes,
});

describe.each(CACHE_KINDS)('a prompt whose beginning was read before, with a cache of %s', (cacheKind) => {
  it('is answered as by an engine that reads it all', { timeout: 120_000 }, async () => {
    const session = await open(cacheKind);
    const fresh = await open(cacheKind, { cacheBytes: 0 });
    const first = [...SYSTEM, ...turn('user', 'Which river flows through Paris, and where does it rise?')];
    const answer = await session.generate(ask(first));
    const past = [...first, ...turn('assistant', answer.text)];
    const conversations: [name: string, prompt: readonly PromptPiece[], least: number][] = [
      ['the next turn', [...past, ...turn('user', 'And through London?')], 40],
      ['an edit', [...SYSTEM, ...turn('user', 'Which river flows through Rome, and where does it rise?')], 24],
      ['the same again', first, 28],
      ['another conversation', [...SYSTEM, ...turn('user', 'Write a poem about the sea.')], 20],
      ['a fork of the first', [...past, ...turn('user', 'How long is it?')], 40],
      ['the first turn after all of them', [...past, ...turn('user', 'And through London?')], 60],
    ];
    for (const [name, prompt, least] of conversations) {
      const warm = await session.generate(ask(prompt));
      expect(warm.timings.cachedTokens, name).toBeGreaterThanOrEqual(least);
      // Something else before, so that nothing of it is there.
      await fresh.generate(ask(turn('user', 'x'), { maxTokens: 1 }));
      const cold = await fresh.generate(ask(prompt));
      expect(cold.timings.cachedTokens, name).toBeLessThan(8);
      expect(warm.tokenIds, name).toEqual(cold.tokenIds);
    }
  });
});

describe('an answer with guesses from its own text', () => {
  const TEXT =
    'The harbour of the old town was built in 1834. Its two piers are 212 and 187 metres long. The harbour of the old town was';
  let guessing: Session;
  let plain: Session;
  beforeAll(async () => {
    // However dear they are.
    const pace = Object.assign(new SpeculationPace('cpu'), { best: () => 4 });
    [guessing, plain] = [await open('int8', { pace }), await open()];
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['greedy', {}],
    ['sampled', { sampling: { ...GREEDY, temperature: 0.7, topP: 0.9, topK: 40, seed: 3 } }],
    ['penalised', { sampling: { ...GREEDY, repetitionPenalty: 1.02 } }],
    ['with log-probabilities', { topLogprobs: 2 }],
  ])('is the same to the last token: %s', { timeout: 60_000 }, async (_, changes) => {
    const request = { ...ask([], changes), prompt: [{ kind: 'text' as const, text: TEXT }], maxTokens: 32 };
    const expected = await plain.generate(request);
    const result: GenerateResult = await guessing.generate({ ...request, speculation: 'auto' });
    expect(result.tokenIds).toEqual(expected.tokenIds);
    expect(result.logprobs).toEqual(expected.logprobs);
    expect(result.timings.speculation?.draftedTokens).toBeGreaterThan(0);
  });
});
