import { fnv1a, SottoError } from '../../../shared/index.ts';
import type { Embedder } from '../embedder.ts';
import type { RowFeatures } from '../features.ts';

/** A word, number or sign of a text, and where it stands in UTF-16 units. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words read together: the encoder reads some 250 pieces. */
const WINDOW = 70;
/** A longer text is refused: names stand in sentences, not in libraries. */
const MOST_WORDS = 20_000;
const SPELLING_WEIGHT = 0.6;

/** Words, numbers and signs of a text. */
export function wordsIn(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** What is looked at in each word: its vector, its spelling, and its neighbours. */
export async function featuresOfWords(
  texts: readonly (readonly Word[])[],
  buckets: number,
  embedder: Embedder,
  signal: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<RowFeatures[][]> {
  const long = texts.find((words) => words.length > MOST_WORDS);
  if (long !== undefined) throw new SottoError('task-input', `A text has more than ${MOST_WORDS} words.`);
  const windows = texts.flatMap((words, text) =>
    Array.from({ length: Math.ceil(words.length / WINDOW) }, (_, index) => ({
      text,
      words: words.slice(index * WINDOW, (index + 1) * WINDOW),
    })),
  );
  const vectors = await embedder.embedWords(
    windows.map(({ words }) => words.map((word) => word.text.slice(0, 60))),
    signal,
    onProgress,
  );
  const all: Float32Array[][] = texts.map(() => []);
  for (const [index, { text }] of windows.entries()) all[text]?.push(...(vectors[index] ?? []));
  return texts.map((words, text) =>
    words.map((_, at) => ({
      dense: all[text]?.[at] ?? new Float32Array(embedder.dimensions),
      ...spelling(words, at, buckets),
    })),
  );
}

function spelling(words: readonly Word[], at: number, buckets: number): Pick<RowFeatures, 'buckets' | 'values'> {
  const found = [...new Set([...marksOf(words, at)].map((mark) => fnv1a(mark) % buckets))];
  const value = SPELLING_WEIGHT / Math.sqrt(Math.max(1, found.length));
  return { buckets: Uint16Array.from(found), values: Float32Array.from(found, () => value) };
}

function* marksOf(words: readonly Word[], at: number): Generator<string> {
  const word = words[at]?.text ?? '';
  const lower = word.toLowerCase();
  yield `w ${lower}`;
  yield `s ${shapeOf(word)}`;
  yield `a ${lower.slice(0, 3)}`;
  yield `z ${lower.slice(-3)}`;
  yield `l ${Math.min(8, word.length)}`;
  for (const step of [-2, -1, 1, 2]) {
    const near = words[at + step]?.text;
    yield `${step} ${near === undefined ? 'edge' : near.toLowerCase()}`;
    if (Math.abs(step) === 1) yield `${step} s ${near === undefined ? 'edge' : shapeOf(near)}`;
  }
}

/** "Keller" → "Xx", "NM-2024" → "X-d", "3rd" → "dx". */
function shapeOf(word: string): string {
  return word
    .replace(/\p{Lu}+/gu, 'X')
    .replace(/\p{L}+/gu, (run) => (run[0] === 'X' ? `X${run.length > 1 ? 'x' : ''}` : 'x'))
    .replace(/\p{N}+/gu, 'd')
    .slice(0, 8);
}
