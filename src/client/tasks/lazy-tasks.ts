import type { ExpertArtefact, FlowResult, FlowTrace } from '../../protocol/index.ts';
import { type Lazy, lazily, once } from '../lazily.ts';
import type { Workers } from '../workers.ts';
import type { Experts } from './experts.ts';
import type { Flows } from './flows.ts';
import type { OnnxModelsClient } from './onnx-models.ts';
import type { TaskHelpers } from './task-helpers.ts';
import type { Tasks } from './tasks.ts';

export interface LazyTasks {
  readonly tasks: Lazy<Tasks>;
  readonly experts: Lazy<Experts> & {
    /** A file that `import` reads again, byte for byte. */
    export(expert: ExpertArtefact): Blob;
  };
  readonly flows: Lazy<Flows> & {
    /** The steps of a run, without running. */
    trace(result: FlowResult): FlowTrace;
  };
  readonly onnx: Lazy<OnnxModelsClient>;
}

/** The page's side of the tasks worker; a page that only chats loads none of it. */
export function lazyTasks(workers: Workers, helpers: TaskHelpers): LazyTasks {
  const parts = once(async () => new (await import('../parts.ts')).TaskParts(workers, helpers));
  return {
    tasks: lazily<Tasks>(async () => (await parts()).tasks, {
      run: 1,
      many: 1,
      table: 1,
      classify: 1,
      sentiment: 1,
      intent: 1,
      screen: 1,
      zeroShot: 1,
      language: 1,
      entities: 1,
      redact: 1,
      moderate: 1,
      extract: 1,
      summarise: 1,
      translate: 1,
      rewrite: 1,
      autocomplete: 1,
      keyphrases: 1,
      similarity: 1,
      cluster: 1,
      recommend: 1,
      answer: 1,
    }),
    experts: {
      ...lazily<Experts>(async () => (await parts()).experts, {
        train: 1,
        predict: 1,
        evaluate: 1,
        compare: 1,
        distill: 1,
        trainEntities: 1,
        find: 1,
        evaluateEntities: 1,
        keep: 1,
        get: 1,
        versions: 1,
        rollback: 1,
        forget: 1,
        sign: 1,
        import: 1,
      }),
      export: (expert) => new Blob([JSON.stringify(expert)], { type: 'application/json' }),
    },
    flows: {
      ...lazily<Flows>(async () => (await parts()).flows, {
        list: 1,
        document: 1,
        validate: 1,
        run: 1,
        builder: 1,
        compare: 1,
        resume: 1,
      }),
      trace: ({ trace }) => trace,
    },
    onnx: lazily<OnnxModelsClient>(async () => (await parts()).onnx, { load: 1, run: 1, embed: 1, unload: 1 }),
  };
}
