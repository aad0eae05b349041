import { describe, expect, it } from 'vitest';
import type { GenerateRequest, SamplingOptions } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import type { TokenMask } from '../sampling/index.ts';
import { createSession } from '../session.ts';
import { createByteTokenizer, END } from '../testing/byte-tokenizer.ts';
import { GREEDY } from '../testing/greedy.ts';
import { always, type Script, ScriptedBackend, type ScriptedOptions } from '../testing/scripted-backend.ts';
import { gradeOf, MOST_DRAFTED, RESUMED } from './drafter.ts';
import { PromptLookup } from './prompt-lookup.ts';
import { SpeculationPace } from './speculation-pace.ts';
import { SpeculationTally } from './speculation-tally.ts';

const tokenizer = createByteTokenizer();
const bytesOf = (text: string) => [...new TextEncoder().encode(text)];

const SAMPLING: SamplingOptions = GREEDY;

/** Guesses as often as it can, whatever it costs. */
class Eager extends SpeculationPace {
  constructor() {
    super('cpu');
  }
  override best(): number {
    return MOST_DRAFTED;
  }
}

interface SetUp {
  readonly isEager?: boolean;
  readonly draft?: Script;
  readonly contextLength?: number;
  readonly overwritten?: ScriptedOptions['overwritten'];
}

function setUp(script: Script, { isEager = true, draft, contextLength = 600, overwritten }: SetUp = {}) {
  const backend = new ScriptedBackend(script, { contextLength, overwritten });
  const session = createSession(backend, tokenizer, {
    pace: isEager ? new Eager() : undefined,
    draftBackend: draft && new ScriptedBackend(draft, { contextLength }),
  });
  const generate = (prompt: string, changes: Partial<GenerateRequest> = {}) =>
    session.generate({
      callId: 'call',
      prompt: [{ kind: 'text', text: prompt }],
      maxTokens: 120,
      stop: [],
      sampling: SAMPLING,
      ...changes,
    });
  return { backend, generate };
}

const TEXT = 'the cat sat on the mat and the dog sat on the log and the cat saw the dog. ';

/** Repeats the prompt with changes here and there: the next letter follows from the last five, mostly. */
const echo: Script = (cache, logits) => {
  const tail = cache.slice(-5).reduce((state, token) => Math.imul(state ^ token, 16_777_619) >>> 0, 2_166_136_261);
  for (let id = 0; id < logits.length; id++) logits[id] = ((Math.imul(tail ^ id, 2_654_435_761) >>> 12) % 1_000) / 400;
  const place = (TEXT + TEXT).indexOf(
    new TextDecoder().decode(Uint8Array.from(cache.slice(-5).map((token) => token & 127))),
  );
  if (place >= 0) logits[TEXT.charCodeAt((place + 5) % TEXT.length)]! += 4;
  logits[END] = -20;
};

describe('an answer with guesses', () => {
  it.each<[string, Partial<GenerateRequest>]>([
    ['greedy', {}],
    ['sampled', { sampling: { ...SAMPLING, temperature: 0.8, topP: 0.95, topK: 40 } }],
    ['hot', { sampling: { ...SAMPLING, temperature: 2 } }],
    [
      'penalised',
      {
        sampling: {
          ...SAMPLING,
          temperature: 0.7,
          repetitionPenalty: 1.3,
          frequencyPenalty: 0.2,
          presencePenalty: 0.1,
        },
      },
    ],
    ['with log-probabilities', { topLogprobs: 3 }],
    ['ended by a stop string', { stop: ['dog. '] }],
    ['of few tokens', { maxTokens: 3 }],
    ['of one token', { maxTokens: 1 }],
  ])('is the same as without: %s', async (_, changes) => {
    const [plain, guessing] = [setUp(echo), setUp(echo)];
    const expected = await plain.generate(TEXT, { ...changes, speculation: 'off' });
    const result = await guessing.generate(TEXT, changes);
    expect(result.tokenIds).toEqual(expected.tokenIds);
    expect(result).toMatchObject({ text: expected.text, finishReason: expected.finishReason });
    expect(result.logprobs).toEqual(expected.logprobs);
    // What the cache holds is the prompt and the answer, whatever was guessed.
    const all = [...bytesOf(TEXT), ...result.tokenIds];
    expect(guessing.backend.cache).toEqual(all.slice(0, guessing.backend.cache.length));
    expect(expected.timings.speculation).toBeUndefined();
  });

  it.each<[string, SetUp['overwritten'], number]>([
    ['computes all rows of a pass at once', 'all rows', 0.5],
    ['loses the first row of a pass to another answer', 0, 2],
    ['loses a later row of a pass to another answer', 3, 0.7],
  ])('is the same as without where the engine %s', async (_, overwritten, most) => {
    const [plain, guessing] = [setUp(echo), setUp(echo, { overwritten })];
    const expected = await plain.generate(TEXT, { speculation: 'off' });
    const result = await guessing.generate(TEXT);
    expect(result.tokenIds).toEqual(expected.tokenIds);
    const all = [...bytesOf(TEXT), ...result.tokenIds];
    expect(guessing.backend.cache).toEqual(all.slice(0, guessing.backend.cache.length));
    expect(guessing.backend.calls).toBeLessThan(plain.backend.calls * most);
  });

  it('takes fewer passes, and says what guessing brought', async () => {
    const [plain, guessing] = [setUp(echo), setUp(echo)];
    const expected = await plain.generate(TEXT, { speculation: 'off' });
    const { timings } = await guessing.generate(TEXT);
    expect(expected.timings.completionTokens).toBe(120);
    expect(guessing.backend.calls).toBeLessThan(plain.backend.calls / 2);
    const { draftedTokens, acceptedTokens } = timings.speculation!;
    expect(acceptedTokens).toBeGreaterThan(60);
    expect(draftedTokens).toBeGreaterThanOrEqual(acceptedTokens);
  });

  it('obeys a mask, forced tokens among the guesses', async () => {
    const answer = 'the cat sat on the ??? and the dog sat on the ??? ';
    const mask = (isForcing: boolean): TokenMask => {
      let done = 0;
      const allowed = new Uint32Array(9);
      return {
        forced: () => (isForcing ? bytesOf(answer.slice(done).split('?')[0]!) : []),
        allowed: () => {
          const letters = done === answer.length ? [END] : bytesOf(answer[done] === '?' ? 'abclmot' : answer[done]!);
          allowed.fill(0);
          for (const id of letters) allowed[id >>> 5]! |= 1 << (id & 31);
          return allowed;
        },
        accept: () => {
          done += 1;
        },
      };
    };
    const generate = async (isForcing: boolean, speculation: 'auto' | 'off') => {
      const backend = new ScriptedBackend(echo, { contextLength: 600 });
      const session = createSession(backend, tokenizer, { pace: new Eager() });
      const request = { callId: 'x', prompt: [{ kind: 'text' as const, text: TEXT }], maxTokens: 90, stop: [] };
      const sampling = { ...SAMPLING, temperature: 0.5 };
      const options = { mask: mask(isForcing) };
      const { tokenIds } = await session.generate({ ...request, sampling, speculation }, options);
      return { tokenIds, calls: backend.calls };
    };
    const plain = await generate(false, 'off');
    expect(String.fromCharCode(...plain.tokenIds)).toMatch(/^the cat sat on the [abclmot]{3} and the dog/);
    const guessed = await generate(false, 'auto');
    const both = await generate(true, 'auto');
    expect(guessed.tokenIds).toEqual(plain.tokenIds);
    expect(both.tokenIds).toEqual(plain.tokenIds);
    expect(guessed.calls).toBeLessThan(plain.calls / 2);
    expect(both.calls).toBeLessThanOrEqual(guessed.calls);
  });

  it('fills a context to the last place', async () => {
    const options = { contextLength: TEXT.length + 20 };
    const expected = await setUp(echo, options).generate(TEXT, { speculation: 'off' });
    const { backend, generate } = setUp(echo, options);
    const result = await generate(TEXT);
    expect(result).toMatchObject({ tokenIds: expected.tokenIds, finishReason: 'length' });
    expect(backend.position).toBe(options.contextLength);
  });

  it('leaves a session that goes on as a fresh one would, after an abort at any pass', async () => {
    for (const pass of [2, 3, 4, 6, 9]) {
      const { backend } = setUp(echo);
      const controller = new AbortController();
      let calls = 0;
      backend.onChunk = () => {
        calls += 1;
        if (calls === pass + 5) controller.abort();
      };
      const session = createSession(backend, tokenizer, { pace: new Eager() });
      const request = {
        callId: 'x',
        prompt: [{ kind: 'text' as const, text: TEXT }],
        maxTokens: 90,
        stop: [],
        sampling: SAMPLING,
      };
      const aborted = await session.generate(request, { signal: controller.signal });
      expect(aborted.finishReason).toBe('abort');
      backend.onChunk = () => {};
      const next = await session.generate({ ...request, maxTokens: 50 });
      expect(next.tokenIds).toEqual((await setUp(echo).generate(TEXT, { maxTokens: 50, speculation: 'off' })).tokenIds);
    }
  });

  /** After `ab`, which was followed by `c` before: `c` with 30 %, `d` with 50 %, `e` with 20 %. Guesses are always wrong or right. */
  it('keeps the distribution of a sampled token', async () => {
    const shares = new Map([
      ['c', 0.3],
      ['d', 0.5],
      ['e', 0.2],
    ]);
    const script: Script = (cache, logits) => {
      logits.fill(-30);
      const last = String.fromCharCode(cache.at(-1)!);
      if (last === 'a') logits[98] = 10;
      else if (last === 'b') for (const [letter, share] of shares) logits[letter.charCodeAt(0)] = Math.log(share);
      else logits[97] = 10;
    };
    const { generate, backend } = setUp(script);
    const counts = new Map<string, number>();
    let drafted = 0;
    for (let seed = 0; seed < 10; seed++) {
      const sampling = { ...SAMPLING, temperature: 1, seed };
      const { text, timings } = await generate('abcabdabc', { sampling, maxTokens: 500 });
      drafted += timings.speculation!.draftedTokens;
      for (const letter of text.match(/(?<=ab)./g)!) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const draws = [...counts.values()].reduce((sum, count) => sum + count);
    const chiSquare = [...shares].reduce((sum, [letter, share]) => {
      return sum + (counts.get(letter)! - share * draws) ** 2 / (share * draws);
    }, 0);
    expect(draws).toBeGreaterThan(1_500);
    expect(drafted).toBeGreaterThan(draws);
    expect(chiSquare).toBeLessThan(24);
    expect(backend.calls).toBeLessThan(draws * 3);
  }, 60_000);
});

describe('a draft model', () => {
  it('changes nothing but the number of passes, however good it is', async () => {
    const expected = await setUp(echo).generate(TEXT, { speculation: 'off' });
    const wrong = always((cache) => (cache.length * 7) % 128);
    for (const [draft, most] of [
      [echo, 40],
      [wrong, 130],
    ] as const) {
      const { backend, generate } = setUp(echo, { draft });
      const result = await generate(TEXT);
      expect(result.tokenIds).toEqual(expected.tokenIds);
      expect(backend.calls).toBeLessThan(most);
    }
  });

  it('that fails while answering costs its guesses and nothing else, and is asked again for the next answer', async () => {
    const expected = await setUp(echo).generate(TEXT, { speculation: 'off' });
    for (const [error, failure] of [
      [new SottoError('wasm-out-of-memory', 'It was too much.'), 'wasm-out-of-memory'],
      [new RangeError('unreachable'), 'internal'],
    ] as const) {
      let asked = 0;
      let fails = true;
      const draft: Script = (cache, logits) => {
        asked += 1;
        if (fails && asked > 20) throw error;
        echo(cache, logits);
      };
      const { generate } = setUp(echo, { draft });
      const { tokenIds, timings } = await generate(TEXT);
      expect(tokenIds).toEqual(expected.tokenIds);
      expect(timings.speculation).toMatchObject({ failure });
      expect(timings.speculation!.acceptedTokens).toBeGreaterThan(5);
      expect(asked, 'it is let alone once it has failed').toBe(21);
      fails = false;
      const next = await generate(TEXT);
      expect(next.tokenIds).toEqual(expected.tokenIds);
      expect(next.timings.speculation).not.toHaveProperty('failure');
      expect(next.timings.speculation!.acceptedTokens).toBeGreaterThan(60);
    }
  });
});

describe('the lookup', () => {
  const draft = (text: string, most: () => number = () => 5) => {
    const lookup = new PromptLookup();
    lookup.append(bytesOf(text));
    const { tokens, grades, count } = lookup.draft(most);
    return { text: String.fromCharCode(...tokens.slice(0, count)), grades };
  };

  it('continues the longest match, of equals the latest', () => {
    expect(draft('one fish, two fish, red fi').text).toBe('sh, r');
    expect(draft('xab123 yab456 zab').text).toBe('456 z');
    expect(draft('xab123 yab456 xab').text).toBe('123 y');
  });

  it('is surer of a longer match', () => {
    expect(draft('xyab1 zwab').grades[0]).toBe(gradeOf(2, false));
    expect(draft('the quick brown fox; the quick brown').grades[0]).toBe(gradeOf(9, false));
    expect(draft('xyab1 zwab').grades[3]).toBe(gradeOf(5, false));
  });

  it('is less sure where the text went on in different ways', () => {
    expect(draft('xab1 yab2 zab').grades.slice(0, 2)).toEqual([gradeOf(2, true), gradeOf(3, false)]);
    expect(draft('the cab1 the cab2, the taxi1 the taxi').grades[0]).toBe(gradeOf(9, false));
  });

  it('goes on behind a field that differs', () => {
    const lookup = new PromptLookup();
    lookup.append(bytesOf('"count": 12, "price": 3; "count"'));
    lookup.draft(() => 0);
    lookup.append(bytesOf(': 4'));
    lookup.append(bytesOf(','));
    const { tokens, grades } = lookup.draft(() => 5);
    expect(String.fromCharCode(...tokens)).toBe(' "price');
    expect(grades.slice(0, 2)).toEqual([RESUMED, gradeOf(2, false)]);
  });

  it('guesses nothing where nothing came before, or where none are wanted', () => {
    expect(draft('abcdefg').text).toBe('');
    expect(draft('').text).toBe('');
    expect(draft('a').text).toBe('');
    expect(draft('abc abc abc ab', () => 0).text).toBe('');
  });

  it('continues a repetition of one token', () => {
    expect(draft('aaaa', () => 1).text).toBe('a');
  });
});

describe('the pace', () => {
  const SURE = Array.from({ length: MOST_DRAFTED }, () => gradeOf(9, false));
  const VAGUE = Array.from({ length: MOST_DRAFTED }, () => gradeOf(2, true));
  const measured = (costs: readonly number[]) => {
    const pace = new SpeculationPace('cpu');
    for (const [index, cost] of costs.entries()) for (let i = 0; i < 5; i++) pace.recordPass(index + 1, cost);
    return pace;
  };

  it('guesses nothing before it knows what a pass costs', () => {
    expect(new SpeculationPace('cpu').best(SURE)).toBe(0);
  });

  it('guesses more where passes are cheap and guesses right', () => {
    expect(measured([10, 10, 10, 10, 10, 10, 10, 10]).best(SURE)).toBe(7);
    expect(measured([10, 19, 28, 37, 46, 55, 64, 73]).best(VAGUE)).toBe(0);
  });

  it('guesses up to the first that is vague', () => {
    const pace = measured([10, 14, 18, 22, 26, 30, 34, 38]);
    const [sure, vague] = [SURE[0]!, VAGUE[0]!];
    expect(pace.best([sure, sure, sure, vague, vague])).toBe(3);
  });

  it('concludes from passes it saw what others cost', () => {
    const pace = measured([10]);
    const [right] = SURE;
    for (let i = 0; i < 100; i++) pace.recordGuess(right!, true);
    expect(pace.best(SURE)).toBeGreaterThan(0);
    for (let i = 0; i < 5; i++) pace.recordPass(4, 50);
    expect(pace.best(SURE)).toBe(0);
    for (let i = 0; i < 9; i++) pace.recordPass(4, 12);
    expect(pace.best(SURE)).toBe(7);
  });

  it('stops when guesses are wrong, and goes on when those that were not read turn out right', () => {
    const pace = measured([10, 14, 18, 22, 26, 30, 34, 38]);
    expect(pace.best(SURE)).toBeGreaterThan(0);
    for (let i = 0; i < 30; i++) pace.recordGuess(SURE[0]!, false);
    expect(pace.best(SURE)).toBe(0);
    for (let i = 0; i < 60; i++) pace.recordGuess(SURE[0]!, true);
    expect(pace.best(SURE)).toBeGreaterThan(0);
  });

  it('tries again after a while where nothing tells', () => {
    const pace = measured([10, 14, 18, 22, 26, 30, 34, 38]);
    for (let i = 0; i < 30; i++) pace.recordGuess(SURE[0]!, false);
    let waited = 0;
    while (pace.best(SURE) === 0 && waited < 1_000) waited += 1;
    expect(waited).toBeGreaterThan(20);
    expect(waited).toBeLessThan(1_000);
  });

  it('counts what single tokens take longer after guesses as their cost, and not as that of a token', () => {
    const guesses = (after: number) => {
      const pace = measured([10]);
      for (let i = 0; i < 9; i++) {
        pace.recordPass(8, 56);
        for (let single = 0; single < 3; single++) pace.recordPass(1, after);
      }
      return { best: pace.best(SURE), single: pace.singleCost };
    };
    expect(guesses(10)).toEqual({ best: 7, single: 10 });
    expect(guesses(15)).toEqual({ best: 0, single: 10 });
    expect(guesses(9).single, 'a token was never as slow as it seemed').toBeLessThan(9.5);
  });

  it('says how much it brought', () => {
    const tally = new SpeculationTally(measured([10, 12]));
    expect(tally.counts).toMatchObject({ draftedTokens: 0, speedUp: 1 });
    for (let i = 0; i < 20; i++) {
      tally.recordPass(2, 12);
      tally.recordDraft(1, 1);
    }
    expect(tally.counts).toMatchObject({ draftedTokens: 20, acceptedTokens: 20 });
    expect(tally.counts.speedUp).toBeCloseTo(20 / 12, 1);
  });
});
