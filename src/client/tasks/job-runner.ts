import { proxy } from 'comlink';
import {
  settle,
  type TaskEvent,
  type TaskJobName,
  type TaskJobs,
  type TasksHost,
  type TextGenerationRequest,
  type TextGenerationResult,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { ChatCompletions } from '../chat-completions.ts';
import type { Models } from '../models.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';
import { storedSource } from './stored-source.ts';

/** The model of the catalogue that sentence vectors come from. */
const EMBEDDING_MODEL = 'all-minilm-l6-v2-onnx';

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TaskEvent) => void) | undefined;
}

/** Runs jobs in the tasks worker, and answers what it asks of other threads meanwhile. */
export class JobRunner {
  readonly #workers: Workers;
  readonly #models: Models;
  readonly #chat: ChatCompletions;

  constructor(workers: Workers, models: Models, chat: ChatCompletions) {
    this.#workers = workers;
    this.#models = models;
    this.#chat = chat;
  }

  run<Name extends TaskJobName>(
    name: Name,
    input: TaskJobs[Name]['input'],
    { signal, onEvent }: TaskOptions = {},
  ): Promise<TaskJobs[Name]['output']> {
    const listener = proxy((event: TaskEvent) => onEvent?.(event));
    const host: TasksHost = proxy({
      embeddingSource: () => settle(() => storedSource(this.#workers, EMBEDDING_MODEL, signal)),
      generate: (request: TextGenerationRequest) => settle(() => this.#generate(request, signal)),
    });
    return this.#workers.tasks.call(({ port, callId }) => port.run(callId, name, input, host, listener), {
      signal,
      abort: abortByCallId,
    });
  }

  async #generate(request: TextGenerationRequest, signal: AbortSignal | undefined): Promise<TextGenerationResult> {
    const model = this.#models.loaded;
    const least = request.leastParameters ?? 0;
    if (model === null || model.parameters < least) {
      const there = model === null ? 'No language model is loaded' : `"${model.name}" is too small`;
      const wanted = least > 0 ? `; this wants one of ${Math.round(least / 1e6)} million parameters or more` : '';
      throw new SottoError('task-unavailable', `${there}${wanted}.`);
    }
    const completion = await this.#chat.create(
      {
        model: model.id,
        messages: [
          ...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]),
          { role: 'user' as const, content: request.prompt },
        ],
        temperature: 0,
        seed: request.seed,
        max_tokens: request.maxTokens,
      },
      { signal },
    );
    const content = completion.choices[0]?.message.content;
    return { text: content ?? '', tokens: completion.usage.completion_tokens, model: model.id };
  }
}
