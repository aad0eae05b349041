import type { Tokenizer } from '../text/index.ts';

/** What the writing of an answer needs of a tokenizer. */
export type AnswerTokens = Pick<Tokenizer, 'tokenBytes' | 'endTokenIds'>;

const encoder = new TextEncoder();

/** Control tokens by their texts, with the bytes of these. Texts that are no control token are left out. */
export function controlTokenBytes(tokenizer: Tokenizer, texts: readonly string[]): ReadonlyMap<number, Uint8Array> {
  const bytes = new Map<number, Uint8Array>();
  for (const text of texts) {
    if (!tokenizer.controlTokens.includes(text)) continue;
    // A begin token may stand in front.
    const id = tokenizer.encode([{ kind: 'template', text }]).at(-1);
    if (id !== undefined && tokenizer.tokenBytes(id).length === 0) bytes.set(id, encoder.encode(text));
  }
  return bytes;
}

/** The tokens of an answer in which some control tokens are text. */
export function answerTokens(tokenizer: Tokenizer, visibleTexts: readonly string[] = []): AnswerTokens {
  const visible = controlTokenBytes(tokenizer, visibleTexts);
  if (visible.size === 0) return tokenizer;
  return {
    endTokenIds: new Set([...tokenizer.endTokenIds].filter((id) => !visible.has(id))),
    tokenBytes: (id, previous) => visible.get(id) ?? tokenizer.tokenBytes(id, previous),
  };
}
