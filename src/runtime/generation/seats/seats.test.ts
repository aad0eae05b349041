import { describe, expect, it, vi } from 'vitest';
import type { GenerateRequest, GenerateResult } from '../../../protocol/index.ts';
import type { TokenMask } from '../sampling/index.ts';
import { createSession, type GenerateOptions } from '../session.ts';
import { createByteTokenizer } from '../testing/byte-tokenizer.ts';
import { GREEDY } from '../testing/greedy.ts';
import { hashing } from '../testing/hashing-script.ts';
import { always, type Script, ScriptedBackend } from '../testing/scripted-backend.ts';
import { Hold } from './hold.ts';

const DRAWN = { ...GREEDY, temperature: 0.9, topP: 0.95, repetitionPenalty: 1.1 };

type Changes = Partial<GenerateRequest> & { readonly text?: string; readonly mask?: () => TokenMask };

function request(name: string, { text, mask: _, ...changes }: Changes = {}): GenerateRequest {
  return {
    callId: name,
    prompt: [{ kind: 'text', text: text ?? `What ${name} wants to know.` }],
    maxTokens: 40,
    stop: [],
    sampling: GREEDY,
    ...changes,
  };
}

const open = (script: Script = hashing, contextLength = 512, lanes = 4) => {
  const backend = new ScriptedBackend(script, { contextLength, lanes });
  return { backend, session: createSession(backend, createByteTokenizer()) };
};

/** What a request gives on an engine of its own. */
async function alone(name: string, changes: Changes = {}, script: Script = hashing, contextLength = 512) {
  const session = createSession(new ScriptedBackend(script, { contextLength }), createByteTokenizer());
  return session.generate(request(name, changes), { mask: changes.mask?.() });
}

const essence = ({ text, tokenIds, finishReason, droppedTokens }: GenerateResult) => ({
  text,
  tokenIds,
  finishReason,
  droppedTokens,
});

/** Only these bytes, in whatever order. */
function only(letters: string): TokenMask {
  const bits = new Uint32Array(Math.ceil(258 / 32));
  for (const byte of new TextEncoder().encode(letters)) bits[byte >> 5]! |= 1 << (byte & 31);
  return { allowed: () => bits, forced: () => [], accept: () => {} } as unknown as TokenMask;
}

describe('answers that are written at once', () => {
  it('share their passes, and each is what it is alone', async () => {
    // A clock on which every pass takes as long: whether several go together is measured, and a busy machine measures anything.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++);
    const { session, backend } = open();
    const cases: readonly (readonly [string, Changes])[] = [
      ['short', { maxTokens: 12 }],
      ['long', { maxTokens: 70, text: 'A long question. '.repeat(9) }],
      ['drawn', { sampling: DRAWN, maxTokens: 50 }],
      ['form', { mask: () => only('yesno, '), maxTokens: 30 }],
      ['stopped', { sampling: { ...DRAWN, seed: 8 }, stop: ['a', 'e'] }],
      ['odds', { topLogprobs: 2, maxTokens: 20 }],
    ];
    const results = await Promise.all(
      cases.map(([name, changes]) => session.generate(request(name, changes), { mask: changes.mask?.() })),
    );
    clock.mockRestore();
    for (const [index, [name, changes]] of cases.entries()) {
      const own = await alone(name, changes);
      expect(essence(results[index]!), name).toEqual(essence(own));
      expect(results[index]!.logprobs, name).toEqual(own.logprobs);
    }
    expect(Math.max(...backend.steps.map(({ length }) => length))).toBe(4);
    // Passes with one token are those at the ends; how many depends on when each answer was let in.
    const shared = backend.steps.filter(({ length }) => length > 1).length;
    expect(shared).toBeGreaterThan(backend.steps.length * 0.5);
  });

  it('join and leave in the middle, in any order', async () => {
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const { session } = open();
    const calls = Array.from({ length: 16 }, (_, index) => {
      const changes: Changes = {
        maxTokens: 1 + random(60),
        text: `Question ${index % 5} of many, with more words. `.repeat(1 + random(4)),
        sampling: random(2) === 0 ? GREEDY : { ...DRAWN, seed: index },
        priority: random(3) === 0 ? 'background' : 'interactive',
        ...(random(3) === 0 ? { mask: () => only('abc') } : {}),
      };
      return { name: `call ${index}`, changes, wait: random(150), stopAfter: random(4) === 0 ? random(30) : undefined };
    });
    await Promise.all(
      calls.map(async ({ name, changes, wait, stopAfter }) => {
        await new Promise((resolve) => setTimeout(resolve, wait));
        const controller = new AbortController();
        const options: GenerateOptions = { signal: controller.signal, mask: changes.mask?.() };
        if (stopAfter !== undefined) setTimeout(() => controller.abort(), stopAfter);
        const result = await session.generate(request(name, changes), options);
        const own = await alone(name, changes);
        if (result.finishReason !== 'abort') expect(essence(result), name).toEqual(essence(own));
        else expect(own.tokenIds.slice(0, result.tokenIds.length), name).toEqual(result.tokenIds);
      }),
    );
  });

  it('do not read again what another one has read', async () => {
    const { session } = open();
    const text = 'A document that both are about. '.repeat(6);
    const first = session.generate(request('first', { text: `${text}One?`, maxTokens: 60 }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    const second = await session.generate(request('second', { text: `${text}Two?`, maxTokens: 60 }));
    expect(second.timings.cachedTokens).toBeGreaterThan(150);
    expect(essence(second)).toEqual(essence(await alone('second', { text: `${text}Two?`, maxTokens: 60 })));
    expect(essence(await first)).toEqual(essence(await alone('first', { text: `${text}One?`, maxTokens: 60 })));
    const follow = `${text}One?${(await first).text} And then?`;
    expect((await session.generate(request('next', { text: follow }))).timings.cachedTokens).toBeGreaterThan(190);
  });

  it('end or make room where their own context is full', async () => {
    const { session } = open(hashing, 96);
    const cases: readonly (readonly [string, Changes])[] = [
      ['full', { maxTokens: 200 }],
      ['shifting', { maxTokens: 150, shiftsContext: true }],
      ['fitting', { maxTokens: 30 }],
    ];
    const results = await Promise.all(cases.map(([name, changes]) => session.generate(request(name, changes))));
    for (const [index, [name, changes]] of cases.entries()) {
      expect(essence(results[index]!), name).toEqual(essence(await alone(name, changes, hashing, 96)));
    }
    expect(results[1]!.droppedTokens).toBeGreaterThan(0);
  });

  it('guess only while they are alone', async () => {
    const copying: Script = always((cache) => cache.at(-23) ?? 97);
    const { session, backend } = open(copying);
    const text = 'Say this sentence again.'.repeat(4);
    const company = { maxTokens: 40, text: 'Something quite else, of some length.' };
    const [copied] = await Promise.all([
      session.generate(request('copy', { text, maxTokens: 200 })),
      session.generate(request('company', company)),
    ]);
    const own = await alone('copy', { text, maxTokens: 200 }, copying);
    expect(copied.tokenIds).toEqual(own.tokenIds);
    expect(backend.steps.length).toBeGreaterThan(20);
    expect(copied.timings.speculation!.acceptedTokens).toBeGreaterThan(20);
  });

  it('survive a fault in one of them', async () => {
    const { session, backend } = open();
    const bad = 'The bad one.';
    const wrong = (await alone('bad', { text: bad })).tokenIds[9]!;
    const results = Promise.allSettled([
      session.generate(request('good', { mask: () => only('abc'), maxTokens: 60 }), { mask: only('abc') }),
      session.generate(request('bad', { text: bad })),
    ]);
    backend.onStep = (token) => {
      if (token === wrong) throw new Error('a fault');
    };
    const [good, broken] = await results;
    expect(broken).toMatchObject({ status: 'rejected', reason: { message: 'a fault' } });
    const own = await alone('good', { mask: () => only('abc'), maxTokens: 60 });
    expect(good.status === 'fulfilled' && good.value.tokenIds).toEqual(own.tokenIds);
    backend.onStep = () => {};
    expect(essence(await session.generate(request('bad', { text: bad })))).toEqual(
      essence(await alone('bad', { text: bad })),
    );
  });

  it('take turns where memory ends before there are four', async () => {
    const { session, backend } = open();
    const { open: openLane } = backend.lanes!;
    let opened = 1;
    Object.assign(backend.lanes!, { open: () => (opened++ < 2 ? openLane() : undefined) });
    const names = ['one', 'two', 'three', 'four', 'five'];
    const results = await Promise.all(names.map((name) => session.generate(request(name))));
    for (const [index, name] of names.entries()) {
      expect(essence(results[index]!), name).toEqual(essence(await alone(name)));
    }
    expect(Math.max(...backend.steps.map(({ length }) => length))).toBe(2);
  });

  it('let somebody who waits before tasks in the background', async () => {
    const { session, backend } = open();
    backend.onChunk = () => {
      const until = performance.now() + 1;
      while (performance.now() < until);
    };
    const ends: string[] = [];
    const run = async (name: string, changes: Changes) => {
      const result = await session.generate(request(name, changes));
      ends.push(name);
      expect(result.tokenIds).toEqual((await alone(name, changes)).tokenIds);
    };
    const tasks = ['a', 'b', 'c', 'd'].map((name) => run(name, { priority: 'background', maxTokens: 120 }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await run('chat', { maxTokens: 15 });
    expect(ends).toEqual(['chat']);
    await Promise.all(tasks);
  });
});

describe('an answer that is held', () => {
  it('computes nothing meanwhile, lets others on, and is what it would have been', { timeout: 20_000 }, async () => {
    for (const lanes of [1, 4]) {
      const { session, backend } = open(hashing, 512, lanes);
      const hold = new Hold();
      let hasBegun = false;
      const held = session.generate(request('held', { maxTokens: 60 }), {
        hold,
        onEvent: (event) => {
          if (event.type !== 'text-delta' || hasBegun) return;
          hasBegun = true;
          hold.set(true);
        },
      });
      while (!hasBegun) await new Promise((resolve) => setTimeout(resolve));
      const other = await session.generate(request('other'));
      expect(essence(other)).toEqual(essence(await alone('other')));
      const { calls } = backend;
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(backend.calls).toBe(calls);
      hold.set(false);
      expect(essence(await held)).toEqual(essence(await alone('held', { maxTokens: 60 })));
    }
  });

  it('does not begin while it is held, and can be aborted then', async () => {
    const { session, backend } = open();
    const hold = new Hold();
    hold.set(true);
    const aborted = new AbortController();
    const waiting = session.generate(request('waiting'), { hold, signal: aborted.signal });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(backend.calls).toBe(0);
    aborted.abort();
    expect(await waiting).toMatchObject({ finishReason: 'abort', tokenIds: [] });
  });
});
