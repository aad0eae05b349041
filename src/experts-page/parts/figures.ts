import { formatNumber } from '../../app/format/index.ts';
import { wilson } from '../statistics.ts';

/** "91.4 %". */
export const percent = (share: number, digits = 0): string => `${formatNumber(share * 100, digits)} %`;

/** The bounds within which a share that was counted really lies, as texts. */
export function bounds(share: number, count: number): readonly [low: string, high: string] {
  const { low, high } = wilson(share, count);
  return [percent(low), percent(high)];
}
