import { describe, expect, it } from 'vitest';
import type { GenerateEvent, GenerateRequest, PromptPiece } from '../../protocol/index.ts';
import type { TokenMask } from './sampling/index.ts';
import { createSession, type Session } from './session.ts';
import { createByteTokenizer, END } from './testing/byte-tokenizer.ts';
import { GREEDY } from './testing/greedy.ts';
import { always, type Script, ScriptedBackend } from './testing/scripted-backend.ts';

const tokenizer = createByteTokenizer();
const bytesOf = (text: string) => [...new TextEncoder().encode(text)];
const piece = (text: string): PromptPiece => ({ kind: 'text', text });

function request(prompt: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    callId: 'call',
    prompt: [piece(prompt)],
    maxTokens: 100,
    stop: [],
    sampling: GREEDY,
    ...changes,
  };
}

/** Answers with this text after a prompt of this length, then ends. */
const answers = (promptLength: number, text: string): Script =>
  always((cache) => bytesOf(text)[cache.length - promptLength] ?? END);

/** A next token that depends on every token before it, so that a wrong cache shows. */
const hashing: Script = (cache, logits) => {
  for (let id = 0; id < logits.length; id++) {
    const hash = cache.reduce((state, token) => Math.imul(state ^ token, 16_777_619), 2_166_136_261 ^ id);
    logits[id] = ((hash >>> 8) % 1_000) / 100;
  }
  logits[END] = -20;
};

function setUp(script: Script, contextLength = 512): { backend: ScriptedBackend; session: Session } {
  const backend = new ScriptedBackend(script, { contextLength });
  return { backend, session: createSession(backend, tokenizer) };
}

describe('an answer', () => {
  it('is streamed in whole characters and ends at the end token', async () => {
    const { session, backend } = setUp(answers(2, 'né 😀!'));
    const events: GenerateEvent[] = [];
    const result = await session.generate(request('hi'), { onEvent: (event) => events.push(event) });
    expect(result).toMatchObject({ text: 'né 😀!', finishReason: 'stop', promptTokenIds: bytesOf('hi') });
    expect(result.tokenIds).toEqual(bytesOf('né 😀!'));
    const deltas = events.filter((event) => event.type === 'text-delta');
    expect(deltas.map(({ text }) => text).join('')).toBe('né 😀!');
    expect(deltas.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(bytesOf('né 😀!').length);
    for (const { text } of deltas) expect(text).not.toContain('\ufffd');
    expect(backend.parks).toBe(1);
  });

  it('reports times and counts', async () => {
    const { session } = setUp(answers(2, 'four'));
    const { timings } = await session.generate(request('hi'));
    expect(timings).toMatchObject({ promptTokens: 2, cachedTokens: 0, completionTokens: 4 });
    expect(timings.firstTokenMs).toBeGreaterThan(0);
    expect(timings.prefillTokensPerSecond).toBeGreaterThan(0);
    expect(timings.decodeTokensPerSecond).toBeGreaterThan(0);
  });

  it('may be empty', async () => {
    const { session } = setUp(answers(2, ''));
    expect(await session.generate(request('hi'))).toMatchObject({ text: '', tokenIds: [], finishReason: 'stop' });
  });

  it('ends after the tokens that were asked for, an unfinished character shown as U+FFFD', async () => {
    const { session } = setUp(answers(2, 'abé'));
    const result = await session.generate(request('hi', { maxTokens: 3 }));
    expect(result).toMatchObject({ text: 'ab\ufffd', finishReason: 'length' });
  });

  it('ends before a stop string, which never shows', async () => {
    const { session } = setUp(answers(2, 'one. STOP two'));
    const shown: string[] = [];
    const onEvent = (event: GenerateEvent) => event.type === 'text-delta' && shown.push(event.text);
    const result = await session.generate(request('hi', { stop: ['STOP', 'xyz'] }), { onEvent });
    expect(result).toMatchObject({ text: 'one. ', finishReason: 'stop' });
    expect(shown.join('')).toBe('one. ');
  });

  it('shows at the end what could have begun a stop string', async () => {
    const { session } = setUp(answers(2, 'one ST'));
    expect(await session.generate(request('hi', { stop: ['STOP'] }))).toMatchObject({ text: 'one ST' });
  });

  it('ends when the context is full', async () => {
    const { session, backend } = setUp(
      always(() => 65),
      20,
    );
    const result = await session.generate(request('0123456789'));
    // Ten more fit into the cache; the last token is sampled from a full one.
    expect(result).toMatchObject({ text: 'A'.repeat(11), finishReason: 'length' });
    expect(backend.position).toBe(20);
  });

  it('is the same for the same seed, another for another', async () => {
    const sampling = { ...request('x').sampling, temperature: 1 };
    const draw = async (seed: number) => {
      const { session } = setUp(hashing);
      return (await session.generate(request('x', { sampling: { ...sampling, seed }, maxTokens: 40 }))).tokenIds.join();
    };
    expect(await draw(1)).toBe(await draw(1));
    expect(await draw(1)).not.toBe(await draw(2));
  });
});

describe('a full context', () => {
  const CONTEXT = 64;

  /** What a model that always looks at `cache` would write, the oldest tokens behind the head forgotten. */
  function shifted(prompt: readonly number[], count: number): { answer: number[]; dropped: number; cache: number[] } {
    const logits = new Float32Array(258);
    const head = Math.min(prompt.length, CONTEXT / 4);
    let cache = [...prompt];
    let dropped = 0;
    const answer: number[] = [];
    while (answer.length < count) {
      if (cache.length > CONTEXT) {
        const kept = [...cache.slice(0, head), ...cache.slice(-CONTEXT / 2)];
        dropped += cache.length - kept.length;
        cache = kept;
      }
      hashing(cache, logits);
      const next = logits.indexOf(Math.max(...logits));
      answer.push(next);
      cache.push(next);
    }
    return { answer, dropped, cache };
  }

  it.each([10, 40])(
    'goes on after a prompt of %s tokens where a request allows it, and tells what it forgot',
    async (length) => {
      const { session, backend } = setUp(hashing, CONTEXT);
      const prompt = 'a rather long text, in which nothing is said twice'.slice(0, length);
      const events: GenerateEvent[] = [];
      const asked = request(prompt, { maxTokens: 150, shiftsContext: true });
      const result = await session.generate(asked, { onEvent: (event) => events.push(event) });
      const expected = shifted(bytesOf(prompt), 150);
      expect(result).toMatchObject({
        tokenIds: expected.answer,
        finishReason: 'length',
        droppedTokens: expected.dropped,
      });
      const told = events.filter((event) => event.type === 'context-shifted');
      expect(told.reduce((sum, { droppedTokens }) => sum + droppedTokens, 0)).toBe(expected.dropped);
      expect(backend.cache.length).toBeLessThanOrEqual(CONTEXT);
    },
  );

  it('forgets nothing where none is', async () => {
    const { session } = setUp(hashing, CONTEXT);
    const result = await session.generate(request('short', { maxTokens: 5, shiftsContext: true }));
    expect(result).not.toHaveProperty('droppedTokens');
  });
});

describe('log-probabilities', () => {
  it('come with every token, in the result and in the deltas', async () => {
    const { session } = setUp(answers(2, 'né'));
    const events: GenerateEvent[] = [];
    const result = await session.generate(request('hi', { topLogprobs: 2 }), {
      onEvent: (event) => events.push(event),
    });
    expect(result.logprobs?.map(({ tokenId }) => tokenId)).toEqual(bytesOf('né'));
    expect(Buffer.concat(result.logprobs!.map(({ bytes }) => bytes)).toString()).toBe('né');
    for (const { logprob, top, tokenId } of result.logprobs!) {
      expect(Math.exp(logprob)).toBeCloseTo(Math.exp(10) / (Math.exp(10) + 257), 6);
      expect(top[0]).toMatchObject({ tokenId, logprob });
      expect(top).toHaveLength(2);
    }
    const streamed = events.flatMap((event) => (event.type === 'text-delta' ? (event.logprobs ?? []) : []));
    expect(streamed).toEqual(result.logprobs);
    expect((await session.generate(request('hi'))).logprobs).toBeUndefined();
  });
});

describe('a mask', () => {
  /** Wants these bytes, any letter where there is a dot, then the end; forced where there is no choice. */
  const pattern = (text: string, isForcing = true): TokenMask & { readonly accepted: number[] } => {
    const accepted: number[] = [];
    const rest = () => text.slice(accepted.length);
    return {
      accepted,
      accept: (token) => accepted.push(token),
      forced: () => (isForcing ? bytesOf(rest().split('.')[0] ?? '') : []),
      allowed: () => {
        const words = new Uint32Array(9);
        const allow = (id: number) => (words[id >>> 5]! |= 1 << (id & 31));
        const next = rest()[0];
        if (next === undefined) allow(END);
        else if (next === '.') for (const id of bytesOf('abcxyz')) allow(id);
        else allow(bytesOf(next)[0]!);
        return words;
      },
    };
  };

  it.each([true, false])('decides what may come, forcing %s', async (isForcing) => {
    const { session } = setUp(hashing);
    const mask = pattern('{"key": "..."}', isForcing);
    const result = await session.generate(request('hi'), { mask });
    expect(result.text).toMatch(/^\{"key": "[abcxyz]{3}"\}$/);
    expect(result.finishReason).toBe('stop');
    expect(mask.accepted).toEqual(result.tokenIds);
  });

  it('computes forced tokens together, and the same answer as one by one', async () => {
    const one = setUp(hashing);
    const together = setUp(hashing);
    const plain = await one.session.generate(request('hi'), { mask: pattern('forty two .. and so on .', false) });
    const forced = await together.session.generate(request('hi'), { mask: pattern('forty two .. and so on .') });
    expect(forced.tokenIds).toEqual(plain.tokenIds);
    expect(together.backend.cache).toEqual(one.backend.cache);
    expect(together.backend.calls).toBeLessThan(one.backend.calls / 2);
  });

  it('forces no more than was asked for, and stops at a stop string', async () => {
    const { session } = setUp(hashing);
    const short = await session.generate(request('hi', { maxTokens: 4 }), { mask: pattern('abcdefgh') });
    expect(short).toMatchObject({ text: 'abcd', finishReason: 'length' });
    const stopped = await session.generate(request('hi', { stop: ['cd'] }), { mask: pattern('abcdefgh') });
    expect(stopped).toMatchObject({ text: 'ab', finishReason: 'stop' });
  });
});

describe('the cache', () => {
  it('keeps the longest common prefix and reads at least the last token', async () => {
    const { session, backend } = setUp(hashing);
    await session.generate(request('the same beginning, one', { maxTokens: 4 }));
    backend.forwarded.length = 0;
    const result = await session.generate(request('the same beginning, two', { maxTokens: 1 }));
    expect(result.timings).toMatchObject({ promptTokens: 23, cachedTokens: 20 });
    expect(backend.forwarded).toEqual(bytesOf('two'));

    backend.forwarded.length = 0;
    const again = await session.generate(request('the same beginning, two', { maxTokens: 1 }));
    expect(backend.forwarded).toEqual(bytesOf('o'));
    expect(again.tokenIds).toEqual(result.tokenIds);
  });

  it('gives every turn what a fresh session would give', async () => {
    const { session } = setUp(hashing);
    const prompts = ['a long first prompt', 'a long second prompt', 'a', 'a long second prompt and more', 'other'];
    for (const prompt of prompts) {
      const fresh = await setUp(hashing).session.generate(request(prompt, { maxTokens: 12 }));
      const result = await session.generate(request(prompt, { maxTokens: 12 }));
      expect(result.tokenIds, prompt).toEqual(fresh.tokenIds);
    }
  });

  it('serves the answer of one turn to the next', async () => {
    const { session } = setUp(answers(3, 'abc'));
    const first = await session.generate(request('hi '));
    const next = await session.generate(request(`hi ${first.text} and`));
    expect(next.timings.cachedTokens).toBe(6);
  });
});

describe('several conversations', () => {
  const system = 'You are a careful assistant. You answer in whole sentences and you never, ever make anything up. ';
  const one = `${system}User one asks about the weather in the mountains of the north.`;
  const two = `${system}User two wants to know what the capital of a country is, and how large.`;

  it('take turns without reading anything twice', async () => {
    const { session, backend } = setUp(hashing);
    await session.generate(request(one, { maxTokens: 20 }));
    const first = await session.generate(request(two, { maxTokens: 20 }));
    expect(first.timings.cachedTokens).toBeGreaterThanOrEqual(system.length);
    for (const [prompt, more] of [
      [one, 'And tomorrow?'],
      [two, 'And its river?'],
      [one, 'And after that?'],
    ] as const) {
      backend.forwarded.length = 0;
      const next = `${prompt} ${more}`;
      const result = await session.generate(request(next, { maxTokens: 5 }));
      expect(result.timings.cachedTokens).toBeGreaterThanOrEqual(prompt.length);
      const fresh = await setUp(hashing).session.generate(request(next, { maxTokens: 5 }));
      expect(result.tokenIds).toEqual(fresh.tokenIds);
    }
  });

  it('are forgotten when there is no room for copies', async () => {
    const backend = new ScriptedBackend(hashing);
    const session = createSession(backend, tokenizer, { cacheBytes: 0 });
    await session.generate(request(one, { maxTokens: 5 }));
    await session.generate(request(two, { maxTokens: 5 }));
    const { timings } = await session.generate(request(one, { maxTokens: 5 }));
    expect(timings.cachedTokens).toBe(system.length + 'User '.length);
  });

  it('go on after a fault in one of them', async () => {
    let isBroken = false;
    const { session } = setUp((cache, logits) => {
      hashing(cache, logits);
      if (isBroken) logits[3] = Number.NaN;
    });
    await session.generate(request(one, { maxTokens: 5 }));
    await session.generate(request(two, { maxTokens: 5 }));
    isBroken = true;
    await expect(session.generate(request(`${two} More.`))).rejects.toMatchObject({ code: 'numeric-fault' });
    isBroken = false;
    const result = await session.generate(request(`${one} Well?`, { maxTokens: 9 }));
    const fresh = await setUp(hashing).session.generate(request(`${one} Well?`, { maxTokens: 9 }));
    expect(result.timings.cachedTokens).toBe(one.length);
    expect(result.tokenIds).toEqual(fresh.tokenIds);
  });
});

describe('a reading that was kept', () => {
  it('serves a shorter context than it was made in, as far as the prompt goes with it', async () => {
    const long = setUp(hashing, 512);
    const text = 'What was read once, at some length, and is kept. '.repeat(8);
    const kept = await long.session.read([piece(text)]);
    expect(kept.tokens).toHaveLength(392);
    const prompt = `${text.slice(0, 150)}Then it goes on in another way.`;
    const backend = new ScriptedBackend(hashing, { contextLength: 200 });
    const session = createSession(backend, tokenizer, { readTexts: { longest: async () => kept } });
    const result = await session.generate(request(prompt, { maxTokens: 12 }));
    expect(result.timings.cachedTokens).toBe(150);
    const fresh = await setUp(hashing, 200).session.generate(request(prompt, { maxTokens: 12 }));
    expect(result.tokenIds).toEqual(fresh.tokenIds);
  });
});

describe('an engine whose cache cannot be copied (any more)', () => {
  it('gives no reading to keep, and takes up none', async () => {
    const backend = new ScriptedBackend(hashing);
    const asked: number[] = [];
    const readTexts = {
      longest: async (prompt: readonly number[]) => {
        asked.push(prompt.length);
        return { tokens: prompt, pages: await pages.read(0, 2) };
      },
    };
    const { pages } = backend;
    const session = createSession(backend, tokenizer, { readTexts });
    const text = 'x'.repeat(100);
    expect((await session.read([piece(text)])).pages).toHaveLength(2);
    expect(asked).toEqual([100]);
    // As after the loss of a graphics device, when the processor goes on.
    Object.defineProperty(backend, 'pages', { value: undefined });
    await expect(session.read([piece(text)])).rejects.toMatchObject({ code: 'unsupported-option' });
    const { timings } = await session.generate(request('y'.repeat(100), { maxTokens: 2 }));
    expect(timings.cachedTokens).toBe(0);
    expect(asked).toEqual([100]);
  });
});

describe('abort', () => {
  it('resolves with nothing when it came before the start', async () => {
    const { session, backend } = setUp(answers(2, 'abc'));
    const result = await session.generate(request('hi'), { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ text: '', tokenIds: [], finishReason: 'abort' });
    expect(backend.forwarded).toEqual([]);
  });

  it.each([1, 2, 5, 12, 20, 33])('in chunk %i leaves a session that goes on as a fresh one would', async (chunk) => {
    const { session, backend } = setUp(hashing);
    const controller = new AbortController();
    let chunks = 0;
    backend.onChunk = () => {
      chunks += 1;
      if (chunks === chunk) controller.abort();
    };
    const prompt = 'a prompt long enough to be read in several chunks, so that an abort can come in between them.';
    const result = await session.generate(request(prompt, { maxTokens: 60 }), { signal: controller.signal });
    expect(result.finishReason).toBe('abort');
    expect(new TextEncoder().encode(result.text).length >= result.tokenIds.length || result.text !== '').toBe(true);

    backend.onChunk = () => {};
    const next = await session.generate(request(`${prompt} And more.`, { maxTokens: 20 }));
    const fresh = await setUp(hashing).session.generate(request(`${prompt} And more.`, { maxTokens: 20 }));
    expect(next.tokenIds).toEqual(fresh.tokenIds);
  });

  it('keeps the text so far', async () => {
    const { session } = setUp(answers(2, 'a very long answer '.repeat(10)));
    const controller = new AbortController();
    const onEvent = (event: GenerateEvent) => {
      if (event.type === 'text-delta') controller.abort();
    };
    const result = await session.generate(request('hi'), { signal: controller.signal, onEvent });
    expect(result.finishReason).toBe('abort');
    expect('a very long answer '.repeat(10).startsWith(result.text) && result.text.length > 0).toBe(true);
  });

  it('stops the reading of a long text in the middle', async () => {
    const { session } = setUp(answers(2, ''), 2 ** 24);
    const controller = new AbortController();
    const call = session.generate(request('word '.repeat(400_000)), { signal: controller.signal });
    setTimeout(() => controller.abort());
    expect(await call).toMatchObject({ finishReason: 'abort', promptTokenIds: [] });
  });
});

describe('refusals', () => {
  const code = (expected: string, details: Record<string, unknown> = {}) =>
    expect.objectContaining({ code: expected, details: expect.objectContaining(details) });

  it('names an empty prompt', async () => {
    const { session } = setUp(hashing);
    await expect(session.generate(request(''))).rejects.toEqual(code('empty-prompt'));
    await expect(session.generate({ ...request(''), prompt: [] })).rejects.toEqual(code('empty-prompt'));
  });

  it('says how long a prompt is and how long it may be', async () => {
    const { session } = setUp(hashing, 20);
    const too = session.generate(request('x'.repeat(20)));
    await expect(too).rejects.toEqual(code('prompt-too-long', { promptTokens: 20, contextLength: 20 }));
    expect((await session.generate(request('x'.repeat(19), { maxTokens: 1 }))).finishReason).toBe('length');
  });

  it('does not count a prompt to its end that is far too long', async () => {
    const { session } = setUp(hashing, 20);
    const too = session.generate(request('x '.repeat(500_000)));
    await expect(too).rejects.toEqual(code('prompt-too-long', { promptTokens: 80 }));
    await expect(too).rejects.toThrow('at least 80');
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['maxTokens', { maxTokens: 0 }],
    ['maxTokens', { maxTokens: 1.5 }],
    ['topLogprobs', { topLogprobs: -1 }],
    ['logit_bias', { sampling: { ...request('x').sampling, logitBias: [[258, 1]] } }],
    ['logitBias', { sampling: { ...request('x').sampling, logitBias: [[0, Number.NaN]] } }],
    ['logitBias', { sampling: { ...request('x').sampling, logitBias: { 5: 1 } as unknown as [] } }],
    ['typicalP', { sampling: { ...request('x').sampling, typicalP: 2 } }],
    ['stop', { stop: [''] }],
    ['stop', { stop: 'x' as unknown as string[] }],
    ['prompt', { prompt: 'x' as unknown as PromptPiece[] }],
    ['prompt', { prompt: [{ kind: 'other', text: '' }] as unknown as PromptPiece[] }],
  ])('names the option %s', async (option, changes) => {
    const { session } = setUp(hashing);
    await expect(session.generate(request('x', changes))).rejects.toEqual(code('invalid-option', { option }));
  });

  it.each([
    ['temperature', -1],
    ['temperature', Number.NaN],
    ['temperature', '1'],
    ['topK', -1],
    ['topK', 2.5],
    ['topP', 1.1],
    ['minP', -0.1],
    ['repetitionPenalty', 0],
    ['frequencyPenalty', Number.POSITIVE_INFINITY],
    ['presencePenalty', null],
    ['seed', -1],
    ['seed', 2 ** 32],
    ['seed', undefined],
  ])('names the option %s for %s', async (option, value) => {
    const { session } = setUp(hashing);
    const sampling = { ...request('x').sampling, [option]: value } as GenerateRequest['sampling'];
    await expect(session.generate(request('x', { sampling }))).rejects.toEqual(code('invalid-option', { option }));
  });
});

describe('faults', () => {
  it('stops at numbers that make no sense, and starts afresh', async () => {
    let isBroken = true;
    const { session, backend } = setUp((cache, logits) => {
      hashing(cache, logits);
      if (isBroken && cache.length > 6) logits[3] = Number.NaN;
    });
    await expect(session.generate(request('hello'))).rejects.toMatchObject({ code: 'numeric-fault' });
    expect(backend.position).toBe(0);
    isBroken = false;
    const fresh = await setUp(hashing).session.generate(request('hello', { maxTokens: 9 }));
    expect((await session.generate(request('hello', { maxTokens: 9 }))).tokenIds).toEqual(fresh.tokenIds);
  });

  it('passes on what the engine rejects with', async () => {
    const { session, backend } = setUp(hashing);
    backend.dispose();
    await expect(session.generate(request('hello'))).rejects.toMatchObject({ code: 'disposed' });
  });
});

it('counts tokens', async () => {
  const { session } = setUp(hashing);
  expect(await session.countTokens([{ kind: 'template', text: '<begin>' }, piece('hé<end>')])).toBe(9);
});
