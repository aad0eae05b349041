import type { ClassMetrics } from '../../protocol/index.ts';

/** Counts by true label (row) and predicted label (column). */
export function confusionOf(targets: readonly number[], predicted: readonly number[], labels: number): number[][] {
  const counts = Array.from({ length: labels }, () => new Array<number>(labels).fill(0));
  for (const [index, target] of targets.entries()) {
    const row = counts[target];
    const guess = predicted[index] ?? -1;
    if (row !== undefined && guess >= 0) row[guess] = (row[guess] ?? 0) + 1;
  }
  return counts;
}

/** Precision, recall and F1 of each label. `targets` may hold more rows than the confusion: those were called unknown. */
export function classMetrics(
  labels: readonly string[],
  confusion: readonly (readonly number[])[],
  targets: readonly number[],
): ClassMetrics[] {
  return labels.map((label, index) => {
    const hits = confusion[index]?.[index] ?? 0;
    const called = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    const rows = targets.filter((target) => target === index).length;
    const precision = called === 0 ? 0 : hits / called;
    const recall = rows === 0 ? 0 : hits / rows;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { label, precision, recall, f1, rows };
  });
}

export function macroF1(classes: readonly ClassMetrics[]): number {
  const present = classes.filter(({ rows }) => rows > 0);
  return present.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, present.length);
}

/** Expected calibration error over ten bins of stated probability (Guo et al. 2017). */
export function calibrationError(scores: readonly number[], isRight: readonly boolean[]): number {
  const bins = Array.from({ length: 10 }, () => ({ rows: 0, score: 0, right: 0 }));
  for (const [index, score] of scores.entries()) {
    const bin = bins[Math.min(9, Math.floor(score * 10))];
    if (bin === undefined) continue;
    bin.rows += 1;
    bin.score += score;
    bin.right += isRight[index] === true ? 1 : 0;
  }
  return bins.reduce((sum, { score, right }) => sum + Math.abs(score - right), 0) / Math.max(1, scores.length);
}
