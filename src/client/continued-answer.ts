import type { ChatMessage, PromptPiece } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';

/** Private-use characters a continued answer may be marked with: more than any message holds of them. */
const FIRST_MARK = 0xf000;
const LAST_MARK = 0xf8ff;

/**
 * Messages whose last one, the assistant's, ends in a mark that no template and no message holds. Rendered, everything
 * behind the mark is what a template closes a finished answer with: `cutAtMark` takes it off, and the model goes on
 * in the middle of its own answer, whatever the template's format is.
 */
export function markEnd(
  messages: readonly ChatMessage[],
  template: string,
): { readonly marked: readonly ChatMessage[]; readonly mark: string } {
  const texts = [template, ...messages.map(({ content }) => content)];
  let code = FIRST_MARK;
  while (code <= LAST_MARK && texts.some((text) => text.includes(String.fromCharCode(code)))) code += 1;
  if (code > LAST_MARK)
    throw new SottoError('template-rejected', 'The conversation leaves no character to mark it by.');
  const mark = String.fromCharCode(code);
  const marked = messages.map((message, index) =>
    index === messages.length - 1 ? { ...message, content: message.content + mark } : message,
  );
  return { marked, mark };
}

/** The prompt up to the mark. Rejects with `template-rejected` where the template dropped the message. */
export function cutAtMark(prompt: readonly PromptPiece[], mark: string): readonly PromptPiece[] {
  const index = prompt.findLastIndex(({ text }) => text.includes(mark));
  const piece = prompt[index];
  if (piece === undefined) {
    throw new SottoError('template-rejected', 'The chat template of this model does not let an answer be continued.');
  }
  const text = piece.text.slice(0, piece.text.lastIndexOf(mark));
  return [...prompt.slice(0, index), ...(text === '' ? [] : [{ ...piece, text }])];
}
