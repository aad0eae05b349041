import { proxy } from 'comlink';
import {
  settle,
  type TaskEvent,
  type TaskJobName,
  type TaskJobs,
  type TasksHost,
  type TextGenerationRequest,
} from '../../protocol/index.ts';
import { checkOptions, SIGNAL } from '../options.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';
import type { TaskHelpers } from './task-helpers.ts';

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TaskEvent) => void) | undefined;
}

/** Runs jobs in the tasks worker, and answers what it asks of other threads meanwhile. */
export class JobRunner {
  readonly #workers: Workers;
  readonly #helpers: TaskHelpers;

  constructor(workers: Workers, helpers: TaskHelpers) {
    this.#workers = workers;
    this.#helpers = helpers;
  }

  async run<Name extends TaskJobName>(
    name: Name,
    input: TaskJobs[Name]['input'],
    options: TaskOptions = {},
  ): Promise<TaskJobs[Name]['output']> {
    checkOptions(options, { ...SIGNAL, onEvent: 'function' });
    const { signal, onEvent } = options;
    const listener = proxy((event: TaskEvent) => onEvent?.(event));
    // Most jobs ask nothing; the code that answers is fetched at the first question.
    const answers = () => import('./host-answers.ts');
    const writing = new Map<string, AbortController>();
    const host: TasksHost = proxy({
      embed: (texts: readonly string[]) =>
        settle(async () => (await answers()).embedTexts(this.#helpers, texts, signal)),
      embedWords: (words: readonly (readonly string[])[]) =>
        settle(async () => (await answers()).embedWords(this.#helpers, words, signal)),
      generate: (request: TextGenerationRequest, generationId: string) =>
        settle(async () => {
          const stopped = new AbortController();
          writing.set(generationId, stopped);
          const either = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]);
          try {
            return await (await answers()).generateText(this.#helpers, request, either);
          } finally {
            writing.delete(generationId);
          }
        }),
      stop: (generationId: string) => writing.get(generationId)?.abort(),
    });
    return this.#workers.tasks.call(({ port, callId }) => port.run(callId, name, input, host, listener), {
      signal,
      abort: abortByCallId,
    });
  }
}
