import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgufValue } from '../../formats/gguf/index.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

type Fields = Readonly<Record<string, GgufValue | null>>;

interface Variant {
  readonly title: string;
  readonly vocabulary: number;
  readonly changes: Fields;
  readonly name: string;
  /** Ids of each string as plain text, and, where they differ, as template text. */
  readonly cases: readonly (readonly [number[], number[]?])[];
  readonly documents: readonly number[][];
  readonly ends: number[];
  readonly addsBegin: boolean;
  readonly tokenTexts: string;
}

interface Golden {
  readonly texts: readonly string[];
  readonly vocabularies: readonly Fields[];
  readonly variants: readonly Variant[];
  readonly preTokenizers: Readonly<Record<string, string>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../scripts/goldens/vocabularies.json', import.meta.url), 'utf8'),
) as Golden;

function tokenizerOf(vocabulary: number, changes: Fields, name = 'tiny'): Tokenizer {
  const metadata = new Map<string, GgufValue>([
    ['general.name', name],
    ['general.architecture', 'llama'],
  ]);
  for (const [key, value] of Object.entries({ ...golden.vocabularies[vocabulary], ...changes })) {
    if (value === null) continue;
    const stored = key === 'precompiled_charsmap' ? Uint8Array.from(value as number[]) : value;
    metadata.set(`tokenizer.ggml.${key}`, stored);
  }
  return createTokenizer({ metadata });
}

/** As `scripts/goldens/vocabularies.py` writes them. */
function digest(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join(',')).digest('hex').slice(0, 8);
}

describe.each(golden.variants)('$title, against llama.cpp', (variant) => {
  const tokenizer = tokenizerOf(variant.vocabulary, variant.changes, variant.name);
  // A prompt that begins with the begin token gets no second one: compared is what follows it.
  const rest = (ids: readonly number[]) =>
    variant.addsBegin && ids[0] === tokenizer.beginTokenId ? ids.slice(1) : ids;

  it('agrees on every string, as plain text and as template text', () => {
    expect(variant.cases.length).toBeGreaterThan(500);
    for (const [index, [plain, special = plain]] of variant.cases.entries()) {
      const text = golden.texts[index] ?? '';
      expect(rest(tokenizer.encode([{ kind: 'text', text }])), JSON.stringify(text)).toEqual(rest(plain));
      expect(rest(tokenizer.encode([{ kind: 'template', text }])), JSON.stringify(text)).toEqual(rest(special));
    }
  });

  it('agrees on the tokens around a document, on what ends a generation and on the text of every token', () => {
    for (const [index, ids] of variant.documents.entries()) {
      expect(tokenizer.encodeDocument(golden.texts[index] ?? '')).toEqual(ids);
    }
    expect([...tokenizer.endTokenIds].sort((a, b) => a - b)).toEqual(variant.ends);
    expect(tokenizer.addsBeginToken).toBe(variant.addsBegin);
    const texts = Array.from({ length: tokenizer.vocabularySize }, (_, id) =>
      Buffer.from(tokenizer.tokenBytes(id)).toString('hex'),
    );
    expect(digest(texts)).toBe(variant.tokenTexts);
  });
});

describe('pre-tokenizers, against llama.cpp', () => {
  it.each(Object.entries(golden.preTokenizers))('%s', (pre, digests) => {
    const tokenizer = tokenizerOf(0, { pre, add_bos_token: false });
    for (const [index, text] of golden.texts.entries()) {
      const expected = digests.slice(8 * index, 8 * index + 8);
      expect(digest(tokenizer.encode([{ kind: 'text', text }])), JSON.stringify(text)).toBe(expected);
    }
  });
});

describe('sentence-piece answers', () => {
  const tokenizer = tokenizerOf(2, {});
  const text = (ids: readonly number[], previous?: number) =>
    ids
      .map((id, index) => new TextDecoder().decode(tokenizer.tokenBytes(id, index === 0 ? previous : ids[index - 1])))
      .join('');
  const hello = tokenizer.encode([{ kind: 'text', text: 'the end' }]).slice(1);

  it('keep the space a word begins with after text, and lose the one the tokenizer wrote after a control token', () => {
    expect(text(hello)).toBe(' the end');
    expect(text(hello, hello[0])).toBe(' the end');
    expect(text(hello, tokenizer.beginTokenId)).toBe('the end');
  });

  it('give characters that the vocabulary lacks back, byte by byte', () => {
    const ids = tokenizer.encode([{ kind: 'text', text: '𒀀' }]).slice(1);
    expect(ids.length).toBeGreaterThanOrEqual(5);
    const bytes = ids.flatMap((id) => [...tokenizer.tokenBytes(id)]);
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(' 𒀀');
  });
});

describe('damaged vocabularies', () => {
  it.each([
    [3, { scores: null }, 'scores'],
    [3, { precompiled_charsmap: [1, 0, 0, 0] }, 'character map'],
    [2, { scores: [1, 2, 3] }, 'scores'],
  ] as const)('%i %o', (vocabulary, changes, named) => {
    expect(() => tokenizerOf(vocabulary, changes)).toThrow(
      expect.objectContaining({ code: 'gguf-invalid', message: expect.stringContaining(named) }),
    );
  });
});
