import type { GrammarSource } from '../../protocol/index.ts';
import type { AnswerForm } from '../generation.ts';
import type { Workers } from '../workers.ts';

/** Where an answer begins. */
export interface AnswerStart {
  /** The prompt leaves the model in the middle of its thinking, which it must end first, so. */
  readonly endOfThinking: string | undefined;
  /** What of the answer stands in the prompt already. */
  readonly prefix: string;
  /** Control tokens that belong to the answer's form. */
  readonly visibleTokens?: readonly string[];
}

/** A grammar for one answer: compiled, behind the model's thinking, and from where the answer was begun. */
export async function answerForm(
  workers: Workers,
  source: GrammarSource | undefined,
  { endOfThinking, prefix, visibleTokens = [] }: AnswerStart,
  signal: AbortSignal | undefined,
): Promise<AnswerForm> {
  const visible = visibleTokens.length > 0 ? { visibleTokens } : {};
  if (source === undefined) return visible;
  const whole: GrammarSource =
    endOfThinking === undefined
      ? source
      : { kind: 'sequence', parts: [{ kind: 'until', triggers: [endOfThinking] }, EMPTY_LINES, source] };
  const { compileGrammar } = await import('./compile-grammar.ts');
  const grammar = await compileGrammar(workers, whole, signal);
  return { ...visible, grammar: prefix === '' ? grammar : { ...grammar, prefix } };
}

/** What models write between their thinking and their answer. */
const EMPTY_LINES: GrammarSource = { kind: 'regex', pattern: '\\n{0,2}' };
