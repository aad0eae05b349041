import type { BenchEngine, BenchFigure, BenchProfile } from '../protocol/index.ts';

/** What one engine gave: a column of the table. */
export interface Column {
  /** An engine of ours, or the name of another one. */
  readonly engine: BenchEngine | { readonly peer: string };
  readonly description: string;
  /** Why "automatic" took it. */
  readonly reason?: string;
  readonly model: string;
  readonly loadMs: number;
  readonly memoryBytes: number | null;
  readonly figures: readonly BenchFigure[];
  readonly profile: BenchProfile | null;
}

/** The JSON that is exported, and that scripts get. */
export interface BenchReport {
  readonly kind: 'sotto-bench';
  readonly version: 1;
  readonly date: string;
  readonly browser: string;
  readonly logicalProcessors: number;
  readonly isCrossOriginIsolated: boolean;
  readonly columns: readonly Column[];
  /** Engines that gave nothing, and why. */
  readonly failures: readonly { readonly engine: string; readonly reason: string }[];
}

export function reportOf(columns: readonly Column[], failures: BenchReport['failures']): BenchReport {
  return {
    kind: 'sotto-bench',
    version: 1,
    date: new Date().toISOString(),
    browser: navigator.userAgent,
    logicalProcessors: navigator.hardwareConcurrency,
    isCrossOriginIsolated: crossOriginIsolated,
    columns,
    failures,
  };
}

/** A name that no two columns of a page share. */
export function keyOf({ engine, model }: Pick<Column, 'engine' | 'model'>): string {
  return `${typeof engine === 'string' ? engine : engine.peer} · ${model}`;
}
