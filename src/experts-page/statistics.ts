/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.959964;

/** Between what bounds a share really lies, 95 times in 100, when so many of so many were counted (Wilson 1927). */
export function wilson(share: number, count: number): { readonly low: number; readonly high: number } {
  if (count === 0) return { low: 0, high: 1 };
  const squared = (Z * Z) / count;
  const middle = (share + squared / 2) / (1 + squared);
  const half = (Z / (1 + squared)) * Math.sqrt((share * (1 - share)) / count + squared / (4 * count));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
