import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../../protocol/index.ts';
import { createSession } from '../session.ts';
import { createByteTokenizer, END } from '../testing/byte-tokenizer.ts';
import { GREEDY } from '../testing/greedy.ts';
import { type Script, ScriptedBackend } from '../testing/scripted-backend.ts';
import { EngineTurns } from './engine-turns.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('turns', () => {
  it('go to who waited longest, interactive calls first', async () => {
    const turns = new EngineTurns();
    const order: string[] = [];
    const run = async (name: string, priority: 'interactive' | 'background') => {
      const turn = await turns.take(priority, undefined);
      order.push(name);
      await settled();
      turn.end();
    };
    await Promise.all([
      run('a', 'background'),
      run('b', 'background'),
      run('c', 'interactive'),
      run('d', 'interactive'),
      run('e', 'background'),
    ]);
    expect(order).toEqual(['a', 'c', 'd', 'b', 'e']);
  });

  it('in the background are over as soon as somebody waits for an answer', async () => {
    const turns = new EngineTurns();
    const background = await turns.take('background', undefined);
    expect(background.isOver).toBe(false);
    const other = turns.take('background', undefined);
    expect(background.isOver).toBe(false);
    const interactive = turns.take('interactive', undefined);
    expect(background.isOver).toBe(true);
    const back = background.giveWay(undefined);
    const turn = await interactive;
    expect(turn.isOver).toBe(false);
    turn.end();
    (await other).end();
    await back;
    background.end();
    background.end();
    expect((await turns.take('interactive', undefined)).isOver).toBe(false);
  });

  it('are left by an abort at once, waiting or giving way', async () => {
    const turns = new EngineTurns();
    const first = await turns.take('interactive', undefined);
    const controller = new AbortController();
    const waiting = turns.take('interactive', controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(turns.take('interactive', controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    const second = turns.take('interactive', undefined);
    const gone = new AbortController();
    const giving = first.giveWay(gone.signal);
    gone.abort();
    await expect(giving).rejects.toMatchObject({ name: 'AbortError' });
    first.end();
    (await second).end();
    (await turns.take('interactive', undefined)).end();
  });
});

/** A next token that depends on every token before it. */
const hashing: Script = (cache, logits) => {
  for (let id = 0; id < logits.length; id++) {
    const hash = cache.reduce((state, token) => Math.imul(state ^ token, 16_777_619), 2_166_136_261 ^ id);
    logits[id] = ((hash >>> 8) % 1_000) / 100;
  }
  logits[END] = -20;
};

describe('answers on one engine', () => {
  const request = (name: string, changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
    callId: name,
    prompt: [{ kind: 'text', text: `This is what ${name} wants to know, in a few more words than needed.` }],
    maxTokens: 100,
    stop: [],
    sampling: { ...GREEDY, temperature: 0.9, repetitionPenalty: 1.1, seed: 3 },
    ...changes,
  });
  /** Slow enough for turns to end in the middle. */
  const slow = () => {
    const backend = new ScriptedBackend(hashing);
    const end = { wait: 6 };
    backend.onChunk = () => {
      const until = performance.now() + end.wait;
      while (performance.now() < until);
    };
    return { backend, session: createSession(backend, createByteTokenizer()) };
  };
  const alone = async (name: string) =>
    (await createSession(new ScriptedBackend(hashing), createByteTokenizer()).generate(request(name))).tokenIds;

  it('are written side by side, each what it would be alone', async () => {
    const { session } = slow();
    const ends: string[] = [];
    const first = new Map<string, number>();
    const names = ['one', 'two', 'three', 'four'];
    const results = await Promise.all(
      names.map(async (name) => {
        const onEvent = ({ type }: { type: string }) => {
          if (type === 'text-delta' && !first.has(name)) first.set(name, ends.length);
        };
        const { tokenIds } = await session.generate(request(name), { onEvent });
        ends.push(name);
        return tokenIds;
      }),
    );
    for (const [index, name] of names.entries()) expect(results[index], name).toEqual(await alone(name));
    // All of them had begun before the first one ended.
    expect([...first.values()]).toEqual([0, 0, 0, 0]);
  });

  it('wait in the background while somebody waits for one', async () => {
    const { session } = slow();
    const ends: string[] = [];
    const run = async (name: string, priority: 'interactive' | 'background') => {
      const { tokenIds } = await session.generate(request(name, { priority }));
      ends.push(name);
      expect(tokenIds).toEqual(await alone(name));
    };
    await Promise.all([run('task', 'background'), run('chat', 'interactive')]);
    expect(ends).toEqual(['chat', 'task']);
  });

  it('survive each other’s aborts and faults', async () => {
    let isBroken = false;
    const { session, backend } = slow();
    const controller = new AbortController();
    const kept = session.generate(request('kept'));
    const stopped = session.generate(request('stopped'), {
      signal: controller.signal,
      onEvent: ({ type }) => type === 'text-delta' && controller.abort(),
    });
    expect((await stopped).finishReason).toBe('abort');
    const chunk = backend.onChunk;
    backend.onChunk = () => {
      chunk();
      if (!isBroken) return;
      isBroken = false;
      throw new Error('a fault');
    };
    isBroken = true;
    await expect(Promise.race([kept, session.generate(request('other'))])).rejects.toThrow('a fault');
    expect((await session.generate(request('after'))).tokenIds).toEqual(await alone('after'));
  });
});
