import { chunksOf } from '../text/index.ts';
import { type Generate, modelOf, type WritingOptions } from './generate.ts';

export type SummaryStyle = 'short' | 'bullets';

export interface WrittenSummary {
  readonly text: string;
  readonly bullets: readonly string[];
  readonly model: string;
  /** Parts the text was read in; more than one: their summaries were summarised. */
  readonly parts: number;
}

/** UTF-16 units of one part: some 1,500 tokens, which leaves room in the smallest context. */
const PART = 5_000;
const MOST_PARTS = 64;

const ASKED: Readonly<Record<SummaryStyle, (most: number) => string>> = {
  short: (most) =>
    `Summarise the text in at most ${most} sentences. Use only what it says. Write nothing but the summary.`,
  bullets: (most) =>
    `List the ${most} most important points of the text, each on a line of its own that begins with "- ". Use only what it says.`,
};

/**
 * A text of any length in few words: parts first (map), then their summaries together (reduce), again while they are too long.
 *
 * @param most Sentences, or points.
 */
export async function summariseByModel(
  text: string,
  style: SummaryStyle,
  most: number,
  generate: Generate,
  options: WritingOptions,
): Promise<WrittenSummary> {
  let parts = chunksOf(text, PART).map((part) => part.text);
  const count = Math.min(parts.length, MOST_PARTS);
  let model = '';
  const write = async (part: string, how: SummaryStyle) => {
    const result = await generate({
      prompt: `${ASKED[how](most)}\n\nText:\n${part}`,
      maxTokens: 60 * most + 40,
      ...modelOf(options),
    });
    model = result.model;
    return result.text.trim();
  };
  while (parts.length > 1) {
    const written: string[] = [];
    for (const part of parts.slice(0, MOST_PARTS)) written.push(await write(part, 'short'));
    const joined = chunksOf(written.join('\n\n'), PART).map((part) => part.text);
    // A model that makes nothing shorter would go on for ever.
    parts = joined.length < parts.length ? joined : joined.slice(0, 1);
  }
  const summary = await write(parts[0] ?? text, style);
  return { text: summary, bullets: pointsOf(summary), model, parts: count };
}

function pointsOf(summary: string): string[] {
  const lines = summary
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*•–]|\d{1,2}[.)])\s*/, '').trim())
    .filter((line) => line !== '');
  return [...new Set(lines)];
}
