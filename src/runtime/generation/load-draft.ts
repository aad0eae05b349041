import { readGguf } from '../../formats/gguf/index.ts';
import { type ByteSource, SottoError } from '../../shared/index.ts';
import { decoderSpecFromGguf } from '../architectures/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { holdCodebooks } from '../backends/hold-codebooks.ts';
import { createTokenizer, type Tokenizer } from '../text/index.ts';
import type { CreateBackend } from './backend-request.ts';

/** Loads a draft model that was found to fit; progress of it is not reported. */
export type LoadDraft = (createBackend: CreateBackend, contextLength: number) => Promise<DecoderBackend>;

/**
 * Reads the header of a draft model and checks that its tokens are those of the model it guesses for, before any weights
 * are read. Throws `invalid-option` where they are not.
 */
export async function openDraft(source: ByteSource, model: Tokenizer, signal: AbortSignal): Promise<LoadDraft> {
  const gguf = await readGguf(source, signal);
  const difference = vocabularyDifference(model, createTokenizer(gguf));
  if (difference !== undefined) {
    const message = `The draft model has another vocabulary: ${difference}. Choose one of the same family.`;
    throw new SottoError('invalid-option', message, { details: { option: 'draft' } });
  }
  const held = await holdCodebooks(gguf, source);
  const spec = decoderSpecFromGguf(held.gguf);
  return (createBackend, contextLength) =>
    createBackend({
      backend: 'cpu',
      spec,
      gguf: held.gguf,
      source: held.source,
      contextLength: Math.min(contextLength, spec.contextLength),
      // One: while it guesses, threads of the model itself may still be waiting for their next step.
      threads: 1,
      power: undefined,
      cacheKind: undefined,
      signal,
      onProgress: () => {},
      onChoice: () => {},
      onRenewed: () => {},
    });
}

function vocabularyDifference(model: Tokenizer, draft: Tokenizer): string | undefined {
  if (model.vocabularySize !== draft.vocabularySize) {
    return `${draft.vocabularySize} tokens instead of ${model.vocabularySize}`;
  }
  for (let id = 0; id < model.vocabularySize; id++) {
    if (!isSame(model.tokenBytes(id), draft.tokenBytes(id))) return `token ${id} is another one`;
  }
  return undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
