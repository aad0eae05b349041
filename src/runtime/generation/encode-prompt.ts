import type { PromptPiece } from '../../protocol/index.ts';
import { letMessagesIn, SottoError, throwIfAborted } from '../../shared/index.ts';
import type { Tokenizer } from '../text/index.ts';

/** A prompt this many times too long is not counted to its end; the error then says "at least". */
const COUNTED_CONTEXTS = 4;

/**
 * A prompt as token ids that leave room for an answer. Rejects with `empty-prompt`, with `prompt-too-long` (details:
 * promptTokens, contextLength) or with an AbortError.
 */
export async function encodePrompt(
  tokenizer: Tokenizer,
  pieces: readonly PromptPiece[],
  contextLength: number,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (pieces.every(({ text }) => text === '')) throw empty();
  const most = contextLength * COUNTED_CONTEXTS;
  const ids = await encodeInSlices(tokenizer, pieces, most, signal);
  if (ids.length === 0) throw empty();
  if (ids.length >= contextLength) {
    const count = ids.length > most ? `at least ${most}` : String(ids.length);
    const message = `The prompt has ${count} tokens; the model reads ${contextLength}, the answer included.`;
    const details = { promptTokens: Math.min(ids.length, most), contextLength };
    throw new SottoError('prompt-too-long', message, { details });
  }
  return ids;
}

/** Token ids, encoded in slices with pauses between; stops soon after `most` ids. */
export async function encodeInSlices(
  tokenizer: Tokenizer,
  pieces: readonly PromptPiece[],
  most: number,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const ids: number[] = [];
  for (const step of tokenizer.encodeSteps(pieces)) {
    for (const id of step) ids.push(id);
    if (ids.length > most) break;
    await letMessagesIn();
    throwIfAborted(signal);
  }
  return ids;
}

function empty(): SottoError {
  return new SottoError('empty-prompt', 'The prompt is empty.');
}
