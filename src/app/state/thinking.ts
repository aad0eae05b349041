const OPEN = /^\s*(?:<(think|thinking|reasoning)>|<\|channel>thought)/i;

/** An answer with what the model thought before it, where it marks its thoughts as reasoning models do. */
export interface ThoughtAndSpeech {
  /** '' where there was none. */
  readonly thought: string;
  readonly speech: string;
  /** True while the thought is not closed yet. */
  readonly isThinking: boolean;
}

/** Splits `<think>…</think>`, or Gemma 4's channel of thoughts, off the start of an answer. A tag in the middle of an answer is text like any other. */
export function splitThinking(text: string): ThoughtAndSpeech {
  const open = OPEN.exec(text);
  if (open === null) return { thought: '', speech: text, isThinking: false };
  const close = open[1] === undefined ? '<channel|>' : `</${open[1]}>`;
  const end = text.toLowerCase().indexOf(close.toLowerCase(), open[0].length);
  if (end < 0) return { thought: text.slice(open[0].length).trim(), speech: '', isThinking: true };
  return {
    thought: text.slice(open[0].length, end).trim(),
    speech: text.slice(end + close.length).trimStart(),
    isThinking: false,
  };
}

/** What was said, as it is copied, exported and read back to the model. */
export function withoutThinking(text: string): string {
  return splitThinking(text).speech;
}
