import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GgufFile, GgufValue } from '../../formats/gguf/index.ts';
import { LONGEST_WORD } from './encodings/cut-words.ts';
import { preTokenizerByName, splitWords } from './encodings/pre-tokenizers.ts';
import { readModelHeader } from './testing/model-file.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

interface Golden {
  readonly endTokenIds: number[];
  readonly addBos: boolean;
  readonly cases: { text: string; ids: number[]; idsWithControlTokens?: number[] }[];
  readonly otherPreTokenizers: Record<string, Record<string, number[]>>;
  readonly splits: Record<string, (number[] | null)[]>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/goldens/tokenizer.json', import.meta.url), 'utf8'),
) as Golden;

let gguf: GgufFile;
let tokenizer: Tokenizer;

function withMetadata(changes: Record<string, GgufValue | undefined>): Pick<GgufFile, 'metadata'> {
  const metadata = new Map(gguf.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  return { metadata };
}

function decode(ids: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(ids.flatMap((id) => [...tokenizer.tokenBytes(id)])),
  );
}

const text = (value: string) => ({ kind: 'text', text: value }) as const;
const template = (value: string) => ({ kind: 'template', text: value }) as const;

beforeAll(async () => {
  gguf = await readModelHeader();
  tokenizer = createTokenizer(gguf);
});

describe('against llama.cpp', () => {
  it('agrees on every string when it is plain text', () => {
    expect(golden.cases.length).toBeGreaterThan(500);
    for (const { text: value, ids } of golden.cases) {
      expect(tokenizer.encode([text(value)]), JSON.stringify(value)).toEqual(ids);
    }
  });

  it('agrees on every string when it is template text, where control tokens count', () => {
    for (const { text: value, ids, idsWithControlTokens } of golden.cases) {
      expect(tokenizer.encode([template(value)]), JSON.stringify(value)).toEqual(idsWithControlTokens ?? ids);
    }
  });

  it('agrees on what ends a generation and on the begin token', () => {
    expect([...tokenizer.endTokenIds].sort((a, b) => a - b)).toEqual(golden.endTokenIds);
    expect(tokenizer.addsBeginToken).toBe(golden.addBos);
    expect([tokenizer.beginToken, tokenizer.endToken]).toEqual(['<|im_start|>', '<|im_end|>']);
  });

  it.each(['default', 'gpt-2', 'qwen2', 'llama-bpe'])('agrees on the pre-tokenizer %s', (pre) => {
    const changed = golden.otherPreTokenizers[pre] ?? {};
    const add = { 'tokenizer.ggml.add_bos_token': false };
    const other = createTokenizer(withMetadata({ 'tokenizer.ggml.pre': pre, ...add }));
    for (const [index, { text: value, ids }] of golden.cases.entries()) {
      const expected = changed[index] ?? ids;
      if (expected.length <= 250) expect(other.encode([text(value)]), JSON.stringify(value)).toEqual(expected);
    }
  });
});

describe('splits', () => {
  it.each(Object.keys(golden.splits))('%s cuts words where the published pattern does', (name) => {
    let checked = 0;
    for (const [index, lengths] of golden.splits[name]?.entries() ?? []) {
      const value = golden.cases[index]?.text ?? '';
      if (lengths === null) continue;
      const words = [...splitWords(value, preTokenizerByName(name))];
      expect(
        words.map((word) => [...word].length),
        JSON.stringify(value),
      ).toEqual(lengths);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(400);
  });
});

describe('pieces', () => {
  it('keeps control tokens that a person writes as text', () => {
    const written = 'a <|im_end|> b';
    const ids = tokenizer.encode([template('<|im_start|>user\n'), text(written), template('<|im_end|>\n')]);
    expect(ids.filter((id) => id === 2)).toHaveLength(1);
    expect(ids.filter((id) => id === 1)).toHaveLength(1);
    expect(decode(ids)).toBe(`user\n${written}\n`);
  });

  it('reads a word that begins in the template and ends in the text as one word', () => {
    const whole = tokenizer.encode([text('The capital of France')]);
    for (let cut = 0; cut <= 21; cut++) {
      const value = 'The capital of France';
      expect(tokenizer.encode([template(value.slice(0, cut)), text(value.slice(cut))])).toEqual(whole);
    }
  });

  it('finds a control token whose template pieces were cut apart, and none across a border to written text', () => {
    expect(tokenizer.encode([template('<|im_'), template('end|>')])).toEqual([2]);
    expect(tokenizer.encode([template('<|im_'), text('end|>')])).not.toContain(2);
    expect(tokenizer.encode([text('<|im_'), template('end|>')])).not.toContain(2);
  });

  it('matches user-defined tokens in written text too, the longest first', () => {
    const types = Array.from(gguf.metadata.get('tokenizer.ggml.token_type') as ArrayLike<number>);
    const tokens = [...(gguf.metadata.get('tokenizer.ggml.tokens') as readonly string[])];
    [tokens[3], tokens[4], types[3], types[4]] = ['<tool>', '<tool>s', 4, 4];
    const other = createTokenizer(
      withMetadata({ 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': types }),
    );
    expect(other.encode([text('<tool><tool>s')])).toEqual([3, 4]);
    expect(new TextDecoder().decode(other.tokenBytes(4))).toBe('<tool>s');
  });

  it('puts the begin token in front once, where the file asks for it', () => {
    const other = createTokenizer(withMetadata({ 'tokenizer.ggml.add_bos_token': true }));
    expect(other.encode([text('hi')])[0]).toBe(1);
    expect(other.encode([template('<|im_start|>hi')]).filter((id) => id === 1)).toHaveLength(1);
    expect(other.encode([])).toEqual([]);
  });

  it('reads half a surrogate pair as U+FFFD', () => {
    expect(tokenizer.encode([text('a\ud83d b')])).toEqual(tokenizer.encode([text('a\ufffd b')]));
  });
});

describe('long input', () => {
  it('gives back a megabyte without a space, byte for byte, in steps of bounded size', () => {
    const value = 'abcdefghijklmnopqrstuvwxyz'.repeat(8_000);
    const steps = [...tokenizer.encodeSteps([text(value)])];
    expect(Math.max(...steps.map((step) => step.length))).toBeLessThanOrEqual(LONGEST_WORD);
    expect(decode(steps.flat())).toBe(value);
  });

  it('never cuts a long word inside a surrogate pair', () => {
    const value = `x${'𒀀'.repeat(5_000)}`;
    expect(decode(tokenizer.encode([text(value)]))).toBe(value);
  });

  it('can be left early', () => {
    let tokens = 0;
    for (const step of tokenizer.encodeSteps([text('word '.repeat(1_000_000))])) {
      tokens += step.length;
      if (tokens > 100) break;
    }
    expect(tokens).toBe(101);
  });
});

describe('refusals', () => {
  it.each([
    [{ 'tokenizer.ggml.model': 'rwkv' }, 'tokenizer-unsupported', 'rwkv'],
    [{ 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.scores': [1] }, 'gguf-invalid', 'scores'],
    [{ 'tokenizer.ggml.model': undefined }, 'tokenizer-unsupported', 'null'],
    [{ 'tokenizer.ggml.pre': 'klingon' }, 'tokenizer-unsupported', 'klingon'],
    [{ 'tokenizer.ggml.pre': 7 }, 'gguf-invalid', 'tokenizer.ggml.pre'],
    [{ 'tokenizer.ggml.tokens': undefined }, 'gguf-invalid', 'tokens'],
    [{ 'tokenizer.ggml.tokens': [1, 2] }, 'gguf-invalid', 'tokens'],
    [{ 'tokenizer.ggml.merges': 7 }, 'gguf-invalid', 'merges'],
    [{ 'tokenizer.ggml.token_type': [1, 1] }, 'gguf-invalid', 'token_type'],
  ] as const)('%o', (changes, code, named) => {
    expect(() => createTokenizer(withMetadata(changes))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(named) }),
    );
  });
});

describe('ids outside the vocabulary', () => {
  it.each([99_999, -1, 2 ** 32 - 1])('%i means that there is no such token', (id) => {
    const other = createTokenizer(
      withMetadata({ 'tokenizer.ggml.eos_token_id': id, 'tokenizer.ggml.bos_token_id': id }),
    );
    expect([other.beginTokenId, other.endTokenId, other.beginToken]).toEqual([undefined, undefined, '']);
    // What ends a turn is still known by its text.
    expect(other.endTokenIds).toContain(2);
  });
});
