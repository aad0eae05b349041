import type { VNode } from 'preact';
import { fraction } from '../format/index.ts';

interface ProgressProps {
  readonly label: string;
  /** What a screen reader says instead of a bare percentage. */
  readonly valueText: string;
  readonly value: number;
  readonly total: number;
}

/** A bar of bytes. */
export function Progress({ label, valueText, value, total }: ProgressProps): VNode {
  const share = fraction(value, total);
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
      aria-valuetext={valueText}
    >
      <div class="progress-bar" style={{ inlineSize: `${share * 100}%` }} />
    </div>
  );
}
