import { readGguf } from '../../formats/gguf/index.ts';
import {
  type DecoderSource,
  type Envelope,
  type GenerateEvent,
  type GenerateRequest,
  type GenerateResult,
  type InferencePort,
  type LoadEvent,
  type LoadedModel,
  type LoadOptions,
  type ModelSource,
  type OnnxModelSource,
  type PrefillEvent,
  type PromptPiece,
  type SavedSession,
  type SaveSessionRequest,
  settle,
} from '../../protocol/index.ts';
import { type ByteSource, isAbortError, SottoError, type SottoErrorCode } from '../../shared/index.ts';
import type { CreateBackend } from './backend-request.ts';
import { noAdapters, noCopies } from './cache/index.ts';
import { Calls } from './calls.ts';
import { FileByteSource } from './file-byte-source.ts';
import { checkLoadOptions, checkModel, type LoadRequest, loadModel, type RunningModel } from './load-model.ts';
import { Hold } from './seats/index.ts';
import type { OpenSnapshots } from './snapshots/index.ts';
import { unstartedResult } from './turn.ts';

export interface InferenceServiceOptions {
  /** Opens the verified weights of a stored model. */
  readonly openStored: (modelId: string) => Promise<ByteSource>;
  readonly createBackend: CreateBackend;
  /** Loads a decoder that exists as ONNX; absent: there are none here. */
  readonly loadOnnx?: (request: OnnxLoad) => Promise<RunningModel>;
  /** Where sessions are kept across reloads; absent: nowhere. */
  readonly openSnapshots?: OpenSnapshots | undefined;
  /**
   * Told when the engine has lost a compute thread or its graphics device. It cannot go on, so the worker should end itself:
   * its owner then starts a new one and loads the model again, and the person's next try works.
   */
  readonly onEngineLost: (error: SottoError) => void;
}

/** What a load of an ONNX decoder is given. */
type OnnxLoad = Pick<LoadRequest, 'options' | 'signal' | 'onProgress'> & { readonly model: OnnxModelSource };

/** Letters a session's name may have. */
const MOST_NAME_LETTERS = 200;

/** Faults after which an engine cannot be used again. */
const ENGINE_LOST: ReadonlySet<SottoErrorCode> = new Set(['worker-lost', 'device-lost']);

/**
 * The worker's side of `InferencePort`: one model at a time; answers take turns on it, loads wait for all before them. Every
 * call is abortable while it waits and while it runs.
 */
export class InferenceService implements Omit<InferencePort, 'hello'> {
  readonly #options: InferenceServiceOptions;
  readonly #calls = new Calls();
  /** The brakes of the answers that wait or are being written. */
  readonly #holds = new Map<string, Hold>();
  #model: RunningModel | undefined;
  #opening: ReturnType<OpenSnapshots> | undefined;
  #onRenewed: (backend: 'cpu' | 'webgpu') => void = () => {};

  constructor(options: InferenceServiceOptions) {
    this.#options = options;
  }

  /** Disposes of the model before, so that two never share the memory. */
  load(
    callId: string,
    source: DecoderSource,
    options: LoadOptions,
    onEvent: (event: LoadEvent) => void,
  ): Promise<Envelope<LoadedModel>> {
    return settle(() =>
      this.#calls.alone(callId, async (signal) => {
        checkLoadOptions(options);
        this.#dispose();
        const onProgress = (loadedBytes: number, totalBytes: number) =>
          tell(onEvent, { type: 'load-progress', loadedBytes, totalBytes });
        this.#model =
          source.kind === 'onnx'
            ? await this.#loadOnnx({ model: source.model, options, signal, onProgress })
            : await this.#loadGguf(source, { options, signal, onProgress }, onEvent);
        return this.#model.description;
      }),
    );
  }

  check(callId: string, source: DecoderSource, options: LoadOptions): Promise<Envelope<null>> {
    return settle(() =>
      this.#calls.share(callId, async (signal) => {
        checkLoadOptions(options);
        // What is stored was judged when it came.
        if (source.kind === 'file') await checkModel({ ...(await this.#openAll(source, options)), signal });
        return null;
      }),
    );
  }

  async #openAll(source: ModelSource, { draft }: LoadOptions) {
    return { source: await this.#open(source), draft: draft && (await this.#open(draft)) };
  }

  async #loadGguf(
    source: ModelSource,
    request: Pick<LoadRequest, 'options' | 'signal' | 'onProgress'>,
    onEvent: (event: LoadEvent) => void,
  ): Promise<RunningModel> {
    const files = await this.#openAll(source, request.options);
    const fallbackName = source.kind === 'file' ? source.name : source.modelId;
    const onCompiled = (doneKernels: number, totalKernels: number) =>
      tell(onEvent, { type: 'kernel-progress', doneKernels, totalKernels });
    return loadModel(
      { ...request, ...files, fallbackName, onCompiled },
      {
        createBackend: this.#options.createBackend,
        openSnapshots: () => this.#snapshots(),
        onRenewed: (backend) => this.#onRenewed(backend),
      },
    );
  }

  #loadOnnx(request: OnnxLoad): Promise<RunningModel> {
    const { loadOnnx } = this.#options;
    if (loadOnnx !== undefined) return loadOnnx(request);
    throw new SottoError('model-unsupported', 'ONNX models cannot be loaded here.');
  }

  loadAdapter(callId: string, name: string, source: ModelSource): Promise<Envelope<readonly string[]>> {
    return settle(() =>
      this.#calls.alone(callId, async (signal) => {
        const { adapters } = this.#loaded().backend;
        if (adapters === undefined) throw noAdapters();
        if (typeof name !== 'string' || name === '' || name.length > MOST_NAME_LETTERS) throw invalidName();
        const bytes = await this.#open(source);
        await adapters.load(name, await readGguf(bytes, signal), bytes, signal);
        return adapters.loaded;
      }),
    );
  }

  /** Ends what runs and what waits: whoever unloads wants the memory back now. */
  unload(): Promise<Envelope<null>> {
    return settle(async () => {
      await this.#calls.end(() => this.#dispose());
      return null;
    });
  }

  countTokens(prompt: readonly PromptPiece[]): Promise<Envelope<number>> {
    return settle(() => this.#loaded().session.countTokens(prompt));
  }

  generate(request: GenerateRequest, onEvent: (event: GenerateEvent) => void): Promise<Envelope<GenerateResult>> {
    const { callId } = request;
    const hold = new Hold();
    this.#holds.set(callId, hold);
    return settle(async () => {
      try {
        return await this.#calls.share(callId, (signal) => {
          const { session, mask } = this.#loaded();
          // Told of by the answer that notices; those that wait for their turn see a long pause.
          this.#onRenewed = (backend) => tell(onEvent, { type: 'engine-renewed', backend });
          return session.generate(request, {
            signal,
            mask: mask(request),
            hold,
            onEvent: (event) => tell(onEvent, event),
          });
        });
      } catch (error) {
        // Aborted before its turn (a session itself never rejects so): nothing was written, which is an answer too.
        if (isAbortError(error)) return unstartedResult();
        if (SottoError.isInstance(error) && ENGINE_LOST.has(error.code)) this.#options.onEngineLost(error);
        throw error;
      } finally {
        this.#holds.delete(callId);
      }
    });
  }

  saveSession(request: SaveSessionRequest, onEvent: (event: PrefillEvent) => void): Promise<Envelope<SavedSession>> {
    const { callId, name, prompt } = request;
    return settle(() =>
      this.#calls.share(callId, async (signal) => {
        const { session, snapshots } = this.#loaded();
        if (typeof name !== 'string' || name.length > MOST_NAME_LETTERS) throw invalidName();
        if (snapshots === undefined) throw noCopies();
        const onPrefill = (event: GenerateEvent) => event.type === 'prefill-progress' && tell(onEvent, event);
        return snapshots.save(name, await session.read(prompt, { signal, onEvent: onPrefill }));
      }),
    );
  }

  savedSessions(): Promise<Envelope<readonly SavedSession[]>> {
    return settle(async () => (await this.#snapshots())?.list() ?? []);
  }

  /** Without an id: all of them. */
  deleteSession(id: string | null): Promise<Envelope<null>> {
    return settle(async () => {
      const store = await this.#snapshots();
      await (id === null ? store?.clear() : store?.remove(id));
      return null;
    });
  }

  abort(callId: string): void {
    this.#calls.abort(callId);
  }

  hold(callId: string, isHeld: boolean): void {
    this.#holds.get(callId)?.set(isHeld);
  }

  /** One connection for the thread's life; one that could not be made is tried anew. */
  #snapshots(): ReturnType<OpenSnapshots> {
    const opening = this.#opening ?? this.#options.openSnapshots?.() ?? Promise.resolve(null);
    this.#opening = opening;
    opening.catch(() => {
      this.#opening = undefined;
    });
    return opening;
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
    this.#model?.draft?.dispose();
    this.#model = undefined;
  }
}

function invalidName(): SottoError {
  const message = `"name" must be a text of at most ${MOST_NAME_LETTERS} letters.`;
  return new SottoError('invalid-option', message, { details: { option: 'name' } });
}

/**
 * Tells the page something and waits for nothing: across the thread border the callback returns a promise, which rejects
 * where the page's own handler threw or is gone.
 */
function tell<E>(onEvent: (event: E) => unknown, event: E): void {
  const told = onEvent(event);
  if (told instanceof Promise) told.catch(() => {});
}
