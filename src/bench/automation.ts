import type { BenchState, Wish } from './bench-state.ts';
import { ENGINES, type Extent, PLANS, RANDOM_MODELS } from './plan.ts';
import type { BenchReport } from './report.ts';

/** What a script may leave out. */
export interface RunOptions extends Partial<Omit<Wish, 'model' | 'plan'>> {
  /** A name of random weights ("135m Q4_1"), or the id of a stored model. */
  readonly model?: string;
  readonly extent?: Extent;
  /** Replaces parts of the extent. */
  readonly plan?: Partial<Wish['plan']>;
}

/** What `sottoBench` offers to scripts: the same measurements as the page's button, with the report as the answer. */
export interface Automation {
  run(options?: RunOptions): Promise<BenchReport>;
}

export function createAutomation(state: BenchState): Automation {
  const random: Readonly<Record<string, Wish['model']>> = {
    ...RANDOM_MODELS,
    // Shows that all of it works within seconds; says nothing of speed.
    tiny: { kind: 'random', shape: 'tiny', quantisation: 'Q4_1' },
  };
  return {
    run: ({ model = '135m Q4_1', engines = ENGINES, peers, extent = 'quick', plan } = {}) =>
      state.run({
        model: random[model] ?? { kind: 'stored', modelId: model },
        engines,
        peers,
        plan: { ...PLANS[extent], ...plan },
      }),
  };
}
