import { SottoError } from '../../shared/index.ts';

/**
 * What every encoder asks of texts before it reads them: some tokens each, of its vocabulary, and no more than it can take.
 * Throws `empty-prompt`, `prompt-too-long`, `internal`.
 */
export function checkTexts(
  texts: readonly ArrayLike<number>[],
  { vocabularySize, contextLength }: { readonly vocabularySize: number; readonly contextLength: number },
): void {
  for (const [index, ids] of texts.entries()) {
    if (ids.length < 1 || ids.length > contextLength) {
      const message = `Text ${index} has ${ids.length} tokens; the model reads 1 to ${contextLength}.`;
      const details = { promptTokens: ids.length, contextLength };
      throw new SottoError(ids.length === 0 ? 'empty-prompt' : 'prompt-too-long', message, { details });
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? -1;
      if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) {
        throw new SottoError('internal', `Token ${id} is outside the vocabulary of ${vocabularySize}.`);
      }
    }
  }
}
