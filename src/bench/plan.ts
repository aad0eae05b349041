import type { BenchEngine, BenchModel, BenchRequest } from '../protocol/index.ts';

/** How much is measured; for our engines and for others alike. */
export type BenchPlan = Pick<BenchRequest, 'decodeAt' | 'prefill' | 'rounds' | 'patienceMs'>;

export const PLANS = {
  quick: { decodeAt: [16, 512], prefill: [128, 512], rounds: 1, patienceMs: 10_000 },
  full: { decodeAt: [16, 1_000, 4_000], prefill: [128, 512, 1_024, 4_096], rounds: 3, patienceMs: 30_000 },
} as const satisfies Readonly<Record<string, BenchPlan>>;

export type Extent = keyof typeof PLANS;

/** Random weights that can be chosen, by what they are called in the words of the page. */
export const RANDOM_MODELS = {
  '135m Q4_1': { kind: 'random', shape: '135m', quantisation: 'Q4_1' },
  '1.5b Q4_1': { kind: 'random', shape: '1.5b', quantisation: 'Q4_1' },
  '1.5b Q4_K': { kind: 'random', shape: '1.5b', quantisation: 'Q4_K' },
  '1.7b Q4_K': { kind: 'random', shape: '1.7b', quantisation: 'Q4_K' },
  '1.7b Q1_0': { kind: 'random', shape: '1.7b', quantisation: 'Q1_0' },
} as const satisfies Readonly<Record<string, BenchModel>>;

export const ENGINES: readonly BenchEngine[] = ['webgpu', 'threads', 'single-thread', 'auto'];

export function nameOf(model: BenchModel): string {
  if (model.kind === 'random') return `${model.shape} ${model.quantisation}`;
  return model.kind === 'stored' ? model.modelId : model.name;
}
