import { SottoError } from '../../shared/index.ts';
import type { DecoderBackend } from './decoder-backend.ts';

/**
 * What every engine asks of tokens before it reads them: some, of its vocabulary, with room left in the KV cache.
 * Throws `empty-prompt`, `invalid-option`, `prompt-too-long`.
 */
export function checkTokens(
  tokens: ArrayLike<number>,
  { vocabularySize, contextLength, position }: Pick<DecoderBackend, 'vocabularySize' | 'contextLength' | 'position'>,
): void {
  if (tokens.length === 0) throw new SottoError('empty-prompt', 'There are no tokens to read.');
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
      throw new SottoError('invalid-option', `${token} is not a token of a vocabulary of ${vocabularySize}.`);
    }
  }
  const free = contextLength - position;
  if (tokens.length > free) {
    const details = { tokens: tokens.length, free, contextLength };
    throw new SottoError('prompt-too-long', `${tokens.length} tokens do not fit: ${free} places are free.`, {
      details,
    });
  }
}
