import type { LabelledRow } from '../../client/index.ts';
import { fnv1a } from '../../shared/index.ts';

/** The most an expert learns from. */
export const MOST_LEARNED = 5_000;
/** Every so many-th row is held out, by its text: the same ones in every version. */
const HOLD_OUT_EVERY = 5;
/** A label with fewer rows than these holds none out: it needs them all. */
const HOLD_OUT_FROM = 10;

export interface Cell {
  readonly text: string;
  /** Empty: nobody has said yet. */
  readonly label: string;
}

export interface Given {
  readonly cells: readonly Cell[];
  /** What a person said here, above what the file says; empty: the row is left out. */
  readonly byHand: ReadonlyMap<string, string>;
  /** What a model said, below both. */
  readonly byModel: ReadonlyMap<string, string>;
  readonly holdsOut: boolean;
}

/** The rows by what becomes of them. */
export interface Sorted {
  readonly learned: readonly LabelledRow[];
  /** Never learned from: versions are compared on them. */
  readonly heldOut: readonly LabelledRow[];
  /** Texts without a label. */
  readonly raw: readonly string[];
  /** The same text with several labels: not learned from until somebody decides. */
  readonly disputed: readonly { readonly text: string; readonly labels: readonly string[] }[];
  /** Labels with a single row: nothing to check them with, so they are left out. */
  readonly lonely: readonly string[];
  readonly labels: readonly { readonly label: string; readonly rows: number }[];
  readonly repeated: number;
  readonly empty: number;
  /** Rows beyond the most that are learned from. */
  readonly surplus: number;
}

export function sortExamples({ cells, byHand, byModel, holdsOut }: Given): Sorted {
  const labelsOf = new Map<string, Set<string>>();
  let empty = 0;
  let repeated = 0;
  for (const { text: written, label: named } of cells) {
    const [text, label] = [written.trim(), named.trim()];
    if (text === '') {
      empty += 1;
      continue;
    }
    const known = labelsOf.get(text);
    if (known === undefined) labelsOf.set(text, new Set(label === '' ? [] : [label]));
    else if (label === '' || known.has(label)) repeated += 1;
    else known.add(label);
  }
  const raw: string[] = [];
  const disputed: { text: string; labels: string[] }[] = [];
  const all: LabelledRow[] = [];
  for (const [text, labels] of labelsOf) {
    const said = byHand.get(text);
    const [only = byModel.get(text)] = labels;
    if (said === '') continue;
    if (said !== undefined) all.push({ text, label: said });
    else if (labels.size > 1) disputed.push({ text, labels: [...labels] });
    else if (only === undefined) raw.push(text);
    else all.push({ text, label: only });
  }
  const counts = new Map<string, number>();
  for (const { label } of all) counts.set(label, (counts.get(label) ?? 0) + 1);
  const lonely = [...counts].filter(([, rows]) => rows === 1).map(([label]) => label);
  const usable = all.filter(({ label }) => !lonely.includes(label));
  // What a model said is no yardstick.
  const isHeldOut = ({ text, label }: LabelledRow) =>
    holdsOut &&
    (counts.get(label) ?? 0) >= HOLD_OUT_FROM &&
    (byHand.has(text) || !byModel.has(text)) &&
    hashOf(text) % HOLD_OUT_EVERY === 0;
  const toLearn = usable.filter((row) => !isHeldOut(row));
  const learned = spread(toLearn, MOST_LEARNED);
  return {
    learned,
    heldOut: usable.filter(isHeldOut),
    raw,
    disputed,
    lonely,
    labels: [...counts].map(([label, rows]) => ({ label, rows })).sort((a, b) => b.rows - a.rows),
    repeated,
    empty,
    surplus: toLearn.length - learned.length,
  };
}

/** Evenly chosen, so that a sorted file gives some of every label. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}

function hashOf(text: string): number {
  const value = fnv1a(text);
  return (value ^ (value >>> 15)) >>> 0;
}
