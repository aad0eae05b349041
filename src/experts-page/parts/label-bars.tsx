import { formatCount } from '../../app/format/index.ts';

interface BarsProps {
  readonly name: string;
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly shown?: string;
    readonly isWeak?: boolean;
  }[];
  /** What fills a bar; absent: the largest value. */
  readonly whole?: number;
}

/** Values by label, as figures with a bar behind each. */
export function LabelBars({ name, bars, whole }: BarsProps) {
  const most = whole ?? Math.max(1e-9, ...bars.map(({ value }) => value));
  return (
    <ul class="bars" aria-label={name}>
      {bars.map(({ label, value, shown, isWeak = false }) => (
        <li key={label} class={isWeak ? 'weak' : undefined}>
          <span dir="auto" class="bar-label">
            {label}
          </span>
          <span class="bar" aria-hidden="true">
            <span style={{ inlineSize: `${Math.min(100, (value / most) * 100)}%` }} />
          </span>
          <span class="figures">{shown ?? formatCount(value)}</span>
        </li>
      ))}
    </ul>
  );
}
