import { softmax } from './linear-head.ts';

/** The one number that makes stated probabilities true (Guo et al. 2017), found by golden section on the log-loss. */
export function bestTemperature(scores: readonly Float32Array[], targets: readonly number[]): number {
  const loss = (logTemperature: number) =>
    scores.reduce((sum, row, index) => {
      const probability = softmax(row, Math.exp(logTemperature))[targets[index] ?? 0] ?? 0;
      return sum - Math.log(Math.max(probability, 1e-9));
    }, 0);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.05), Math.log(5)];
  for (let step = 0; step < 30; step++) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
