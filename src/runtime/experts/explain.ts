import type { LoadedExpert } from './artefact.ts';
import type { Embedder } from './embedder.ts';
import { predict } from './predict.ts';

/** A part of a text and how much the verdict leans on it. */
export interface Evidence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How far the probability of the label falls where this part is left out. */
  readonly score: number;
}

/** More parts than this are judged by the sentence. */
const MOST_WORDS = 40;
const MOST_PARTS = 60;

/**
 * What a label rests on, found by leaving parts of the text out one at a time: words of a short text, sentences of a long one. It asks the expert
 * itself, so it holds for the sentence vector as for the words.
 */
export async function explainLabel(
  expert: LoadedExpert,
  text: string,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Evidence[]> {
  const words = [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)];
  const parts = (words.length <= MOST_WORDS ? words : [...text.matchAll(/[^.!?\n]+[.!?]*/g)])
    .map((match) => ({
      text: match[0].trim(),
      start: match.index + match[0].search(/\S/),
      length: match[0].trim().length,
    }))
    .filter((part) => part.length > 0)
    .slice(0, MOST_PARTS);
  if (parts.length < 2) return [];
  const without = parts.map(({ start, length }) => `${text.slice(0, start)} ${text.slice(start + length)}`);
  const [whole, ...rest] = await predict(expert, [text, ...without], embedder, signal);
  const label = whole?.scores[0]?.label;
  return parts
    .map((part, index) => ({
      text: part.text,
      start: part.start,
      end: part.start + part.length,
      score: (whole?.score ?? 0) - (rest[index]?.scores.find((one) => one.label === label)?.score ?? 0),
    }))
    .filter(({ score }) => score > 0.01)
    .sort((a, b) => b.score - a.score)
    .slice(0, 5);
}
