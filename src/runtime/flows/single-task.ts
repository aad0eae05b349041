import type { TaskBatch } from '../../protocol/index.ts';
import { isAbortError, SottoError, throwIfAborted } from '../../shared/index.ts';
import { type LoadedExpert, openExpert } from '../experts/index.ts';
import type { FlowTools, Operation, OperationContext, Settings } from './operation.ts';
import { OPERATIONS } from './operations/index.ts';
import { systemExpert } from './systems/index.ts';

export type Given = Readonly<Record<string, unknown>>;

export interface TaskRunOptions {
  readonly experts: readonly unknown[];
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Inputs handled side by side; their sentence vectors are computed in one go before. */
const AT_ONCE = 32;

/** An operation that is used by itself. */
export interface SingleTask {
  run(given: Given): Promise<Readonly<Record<string, unknown>>>;
  runMany(inputs: readonly Given[], onProgress: (done: number) => void): Promise<TaskBatch>;
}

/** Rejects with `unsupported-option` where there is no such task, `task-input` where its settings are wrong. */
export async function openTask(
  task: string,
  settings: Settings,
  tools: FlowTools,
  { experts: given, seed, signal }: TaskRunOptions,
): Promise<SingleTask> {
  const operation = Object.hasOwn(OPERATIONS, task) ? OPERATIONS[task] : undefined;
  if (operation === undefined) {
    throw new SottoError(
      'unsupported-option',
      `There is no task "${task}". There are: ${Object.keys(OPERATIONS).join(', ')}.`,
    );
  }
  const wrong = operation.check?.(settings);
  if (wrong !== undefined) throw new SottoError('task-input', `${task}: ${wrong}`);
  const experts = await expertsFor(settings, given, tools.keptExpert);
  const expert = (id: string): LoadedExpert => {
    const found = experts.get(id);
    if (found === undefined)
      throw new SottoError('task-unavailable', `There is no expert "${id}". Train or import it first.`);
    return found;
  };
  const context: OperationContext = { ...tools, expert, seed, signal };
  const run = (one: Given) => {
    checkArguments(task, operation, one, settings);
    return operation.run(one, settings, context);
  };
  return {
    run: async (one) => run(one),
    async runMany(inputs, onProgress) {
      const results: (Readonly<Record<string, unknown>> | null)[] = [];
      const failures: { index: number; code: string; message: string }[] = [];
      const models = new Set<string>();
      for (let at = 0; at < inputs.length; at += AT_ONCE) {
        throwIfAborted(signal);
        const some = inputs.slice(at, at + AT_ONCE);
        await embedAhead(operation, some, context);
        const settled = await Promise.allSettled(some.map(async (one) => run(one)));
        for (const [index, { status, ...outcome }] of settled.entries()) {
          if (status === 'fulfilled') {
            const { value } = outcome as PromiseFulfilledResult<Readonly<Record<string, unknown>>>;
            results.push(value);
            if (typeof value['model'] === 'string') models.add(value['model']);
            continue;
          }
          const { reason } = outcome as PromiseRejectedResult;
          // That a model is missing or the caller has left is true of all of them.
          if (isAbortError(reason) || (SottoError.isInstance(reason) && reason.code !== 'task-input')) throw reason;
          results.push(null);
          failures.push({
            index: at + index,
            code: SottoError.isInstance(reason) ? reason.code : 'internal',
            message: reason instanceof Error ? reason.message : String(reason),
          });
        }
        onProgress(results.length);
        // A thread that computes without a pause hears no abort.
        await new Promise((resolve) => setTimeout(resolve));
      }
      return { results, failures, models: [...models] };
    },
  };
}

/** The sentence vectors of many texts together; each text's own call then finds them. */
async function embedAhead(operation: Operation, inputs: readonly Given[], { embedder, signal }: OperationContext) {
  const { embeds } = operation;
  if (embeds === undefined) return;
  const texts = inputs.flatMap((one) => (typeof one[embeds] === 'string' && one[embeds] !== '' ? [one[embeds]] : []));
  if (texts.length > 0) await (await embedder()).embed(texts, signal);
}

function checkArguments(task: string, operation: Operation, given: Given, settings: Settings): void {
  const missing = Object.entries(operation.arguments).find(
    ([name, { isOptional }]) => isOptional !== true && !Object.hasOwn(given, name) && !Object.hasOwn(settings, name),
  );
  if (missing !== undefined) throw new SottoError('task-input', `${task} needs "${missing[0]}".`);
}

async function expertsFor(
  settings: Settings,
  given: readonly unknown[],
  kept: FlowTools['keptExpert'],
): Promise<ReadonlyMap<string, LoadedExpert>> {
  const opened = given.map((artefact) => openExpert(artefact));
  const experts = new Map(opened.map((expert) => [expert.artefact.id, expert]));
  const named = settings['expert'];
  if (typeof named === 'string' && !experts.has(named)) {
    const own = (await kept?.(named)) ?? (await systemExpert(named));
    if (own !== undefined) experts.set(named, openExpert(own));
  }
  return experts;
}
