import type {
  ExpertArtefact,
  FlowDocument,
  FlowProblem,
  FlowResult,
  FlowRunRequest,
  FlowSummary,
  FlowTrace,
} from '../../protocol/index.ts';
import { checkOptions, invalid, type OptionTable, SIGNAL } from '../options.ts';
import type { FlowCase, FlowComparison } from './compare-flows.ts';
import type { FlowBuilder, FlowHead } from './flow-builder.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';

const RUN_OPTIONS: OptionTable<TaskOptions & Omit<FlowRunRequest, 'flow' | 'input'>> = {
  ...SIGNAL,
  onEvent: 'function',
  seed: 'count',
  isFresh: 'flag',
  experts: 'list',
  replay: 'any',
};

/** `sotto.flows`: pipelines of small models. */
export class Flows {
  readonly #jobs: JobRunner;

  constructor(jobs: JobRunner) {
    this.#jobs = jobs;
  }

  /** The flows that the product brings. */
  list(options?: TaskOptions): Promise<readonly FlowSummary[]> {
    return this.#jobs.run('flow.list', null, options);
  }

  /** The document of one of them. */
  document(flow: string, options?: TaskOptions): Promise<FlowDocument> {
    return this.#jobs.run('flow.document', { flow }, options);
  }

  /** Everything that is wrong with a flow, each with its place; an empty list: it can run. */
  validate(
    flow: string | FlowDocument,
    { experts = [], ...options }: TaskOptions & { readonly experts?: readonly ExpertArtefact[] } = {},
  ): Promise<readonly FlowProblem[]> {
    return this.#jobs.run('flow.validate', { flow, experts }, options);
  }

  /** Runs a flow. Steps come as events; the result holds the whole trace. */
  async run(
    flow: string | FlowDocument,
    input: unknown,
    options: TaskOptions & Omit<FlowRunRequest, 'flow' | 'input'> = {},
  ): Promise<FlowResult> {
    checkOptions(options, RUN_OPTIONS);
    const { signal, onEvent, ...rest } = options;
    return this.#jobs.run('flow.run', { flow, input, ...rest }, { signal, onEvent });
  }

  /** Begins a document, checked by the compiler as it grows. */
  async builder(head: FlowHead): Promise<FlowBuilder> {
    const { FlowBuilder } = await import('./flow-builder.ts');
    return new FlowBuilder(head);
  }

  /**
   * Runs flows on the same cases and says how often each is right, how long it takes, and how many tokens it writes. Nothing is taken over from
   * earlier runs. Progress comes as `task-progress`.
   */
  async compare(
    flows: readonly (string | FlowDocument)[],
    cases: readonly FlowCase[],
    { onEvent, ...options }: TaskOptions & Pick<FlowRunRequest, 'experts'> = {},
  ): Promise<FlowComparison> {
    checkOptions({ onEvent, ...options }, { ...SIGNAL, onEvent: 'function', experts: 'list' });
    const { compareFlows } = await import('./compare-flows.ts');
    return compareFlows(
      flows,
      cases,
      (flow, input) => this.run(flow, input, { ...options, isFresh: true }),
      (done, total) => onEvent?.({ type: 'task-progress', done, total }),
    );
  }

  /** Goes on with a flow that waits for a person, or computes a node and all behind it anew. */
  async resume(
    flow: string | FlowDocument,
    input: unknown,
    trace: FlowTrace,
    change: { readonly answers?: Readonly<Record<string, unknown>>; readonly from?: string },
    options: TaskOptions = {},
  ): Promise<FlowResult> {
    checkOptions(change, { answers: 'any', from: 'text' });
    if (!Array.isArray((trace as Partial<FlowTrace> | null | undefined)?.steps)) {
      throw invalid('trace', 'must be the trace of a run of this flow');
    }
    checkOptions(options, { ...SIGNAL, onEvent: 'function' });
    return this.run(flow, input, { ...options, seed: trace.seed, replay: { trace, ...change } });
  }
}
