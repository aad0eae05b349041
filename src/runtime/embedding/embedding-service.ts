import {
  type EmbeddingLoadOptions,
  type EmbeddingPort,
  type EmbedEvent,
  type EmbedRequest,
  type EmbedResult,
  type Envelope,
  type LoadEvent,
  type LoadedEncoder,
  type ModelSource,
  settle,
} from '../../protocol/index.ts';
import { abortError, type ByteSource, SottoError } from '../../shared/index.ts';
import { type CreateEncoder, EncoderModel } from './encoder-model.ts';

export interface EmbeddingServiceOptions {
  /** Opens a model: verified from the store, or a file of the person. */
  readonly open: (source: ModelSource) => Promise<ByteSource>;
  readonly createEncoder: CreateEncoder;
  /** Told when a compute thread is lost: the engine cannot go on, so the worker should end itself. */
  readonly onEngineLost: (error: SottoError) => void;
}

/** The worker's side of `EmbeddingPort`: one encoder at a time; loads and calls take turns, and can be aborted while they wait. */
export class EmbeddingService implements Omit<EmbeddingPort, 'hello'> {
  readonly #options: EmbeddingServiceOptions;
  readonly #controllers = new Map<string, AbortController>();
  #turns: Promise<unknown> = Promise.resolve();
  #model: EncoderModel | undefined;

  constructor(options: EmbeddingServiceOptions) {
    this.#options = options;
  }

  /** Disposes of the encoder before, so that two never share the memory. */
  load(
    callId: string,
    source: ModelSource,
    options: EmbeddingLoadOptions,
    onEvent: (event: LoadEvent) => void,
  ): Promise<Envelope<LoadedEncoder>> {
    return this.#takeTurn(callId, async (signal) => {
      this.#dispose();
      const bytes = await this.#options.open(source);
      this.#model = await EncoderModel.load(bytes, options, this.#options.createEncoder, {
        fallbackName: source.kind === 'file' ? source.name : source.modelId,
        signal,
        onEvent: (event) => tell(onEvent, event),
      });
      return this.#model.description;
    });
  }

  embed(request: EmbedRequest, onEvent: (event: EmbedEvent) => void): Promise<Envelope<EmbedResult>> {
    return this.#takeTurn(request.callId, async (signal) => {
      if (this.#model === undefined) throw new SottoError('model-not-loaded', 'No encoder is loaded.');
      return this.#model.embed(request, {
        signal,
        onProgress: (doneTexts, totalTexts) => tell(onEvent, { type: 'embed-progress', doneTexts, totalTexts }),
      });
    });
  }

  /** Ends what runs and what waits. */
  unload(): Promise<Envelope<null>> {
    for (const controller of this.#controllers.values()) controller.abort();
    const end = this.#turns.then(() => this.#dispose());
    this.#turns = end;
    return settle(async () => {
      await end;
      return null;
    });
  }

  abort(callId: string): void {
    this.#controllers.get(callId)?.abort();
  }

  #takeTurn<T>(callId: string, body: (signal: AbortSignal) => Promise<T>): Promise<Envelope<T>> {
    const controller = new AbortController();
    this.#controllers.set(callId, controller);
    const result = this.#turns.then(() => {
      if (controller.signal.aborted) throw abortError();
      return body(controller.signal);
    });
    this.#turns = result.catch(() => {});
    return settle(async () => {
      try {
        return await result;
      } catch (error) {
        if (SottoError.isInstance(error) && error.code === 'worker-lost') this.#options.onEngineLost(error);
        throw error;
      } finally {
        this.#controllers.delete(callId);
      }
    });
  }

  #dispose(): void {
    this.#model?.dispose();
    this.#model = undefined;
  }
}

/** Tells the page something and waits for nothing: across the border the callback returns a promise, which may reject. */
function tell<E>(onEvent: (event: E) => unknown, event: E): void {
  const told = onEvent(event);
  if (told instanceof Promise) told.catch(() => {});
}
