import {
  type Envelope,
  type GenerateEvent,
  type GenerateRequest,
  type GenerateResult,
  type InferencePort,
  type LoadEvent,
  type LoadedModel,
  type LoadOptions,
  type ModelSource,
  type PromptPiece,
  settle,
} from '../../protocol/index.ts';
import { abortError, type ByteSource, isAbortError, SottoError, type SottoErrorCode } from '../../shared/index.ts';
import { FileByteSource } from './file-byte-source.ts';
import { type CreateBackend, checkLoadOptions, loadModel, type RunningModel } from './load-model.ts';
import { unstartedResult } from './turn.ts';

export interface InferenceServiceOptions {
  /** Opens the verified weights of a stored model. */
  readonly openStored: (modelId: string) => Promise<ByteSource>;
  readonly createBackend: CreateBackend;
  /**
   * Told when the engine has lost a compute thread or its graphics device. It cannot go on, so the worker should end itself:
   * its owner then starts a new one and loads the model again, and the person's next try works.
   */
  readonly onEngineLost: (error: SottoError) => void;
}

/** Faults after which an engine cannot be used again. */
const ENGINE_LOST: ReadonlySet<SottoErrorCode> = new Set(['worker-lost', 'device-lost']);

/**
 * The worker's side of `InferencePort`: one model at a time, calls in the order they came, each of them abortable while
 * it waits and while it runs.
 */
export class InferenceService implements Omit<InferencePort, 'hello'> {
  readonly #options: InferenceServiceOptions;
  readonly #calls = new Map<string, AbortController>();
  #queue: Promise<unknown> = Promise.resolve();
  #model: RunningModel | undefined;

  constructor(options: InferenceServiceOptions) {
    this.#options = options;
  }

  /** Disposes of the model before, so that two never share the memory. */
  load(
    callId: string,
    source: ModelSource,
    options: LoadOptions,
    onEvent: (event: LoadEvent) => void,
  ): Promise<Envelope<LoadedModel>> {
    return settle(() =>
      this.#inTurn(callId, async (signal) => {
        checkLoadOptions(options);
        this.#dispose();
        const request = {
          source: await this.#open(source),
          fallbackName: source.kind === 'file' ? source.name : source.modelId,
          options,
          signal,
          onProgress: (loadedBytes: number, totalBytes: number) =>
            tell(onEvent, { type: 'load-progress', loadedBytes, totalBytes }),
        };
        this.#model = await loadModel(request, this.#options.createBackend);
        return this.#model.description;
      }),
    );
  }

  /** Ends what runs and what waits: whoever unloads wants the memory back now. */
  unload(): Promise<Envelope<null>> {
    return settle(async () => {
      for (const controller of this.#calls.values()) controller.abort();
      this.#queue = this.#queue.then(() => this.#dispose());
      await this.#queue;
      return null;
    });
  }

  countTokens(prompt: readonly PromptPiece[]): Promise<Envelope<number>> {
    return settle(() => this.#loaded().session.countTokens(prompt));
  }

  generate(request: GenerateRequest, onEvent: (event: GenerateEvent) => void): Promise<Envelope<GenerateResult>> {
    const { callId } = request;
    return settle(async () => {
      try {
        return await this.#inTurn(callId, (signal) => {
          const { session, mask } = this.#loaded();
          return session.generate(request, {
            signal,
            mask: mask(request),
            onEvent: (event) => tell(onEvent, event),
          });
        });
      } catch (error) {
        // Aborted before its turn (a session itself never rejects so): nothing was written, which is an answer too.
        if (isAbortError(error)) return unstartedResult();
        if (SottoError.isInstance(error) && ENGINE_LOST.has(error.code)) this.#options.onEngineLost(error);
        throw error;
      }
    });
  }

  abort(callId: string): void {
    this.#calls.get(callId)?.abort();
  }

  /** Runs `body` when everything before it has ended. An abort takes a waiting call out of the queue at once. */
  async #inTurn<T>(callId: string, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#calls.has(callId)) {
      throw new SottoError('invalid-option', `A call named "${callId}" runs already.`, {
        details: { option: 'callId' },
      });
    }
    const controller = new AbortController();
    const { signal } = controller;
    this.#calls.set(callId, controller);
    const before = this.#queue;
    const turn = before.then(() => (signal.aborted ? Promise.reject(abortError()) : body(signal)));
    this.#queue = turn.catch(() => {});
    let hasBegun = false;
    void before.then(() => {
      hasBegun = true;
    });
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => hasBegun || reject(abortError()), { once: true });
    });
    try {
      return await Promise.race([turn, left]);
    } finally {
      this.#calls.delete(callId);
    }
  }

  async #open(source: ModelSource): Promise<ByteSource> {
    return source.kind === 'stored'
      ? this.#options.openStored(source.modelId)
      : new FileByteSource(source.file, source.name);
  }

  #loaded(): RunningModel {
    if (this.#model === undefined) throw new SottoError('model-not-loaded', 'No model is loaded.');
    return this.#model;
  }

  #dispose(): void {
    this.#model?.backend.dispose();
    this.#model = undefined;
  }
}

/**
 * Tells the page something and waits for nothing: across the thread border the callback returns a promise, which rejects
 * where the page's own handler threw or is gone.
 */
function tell<E>(onEvent: (event: E) => unknown, event: E): void {
  const told = onEvent(event);
  if (told instanceof Promise) told.catch(() => {});
}
