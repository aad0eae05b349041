import { proxy } from 'comlink';
import type {
  CatalogueEntry,
  DecoderSource,
  LoadedModel,
  ModelManifest,
  ModelSource,
  StoredModel,
} from '../protocol/index.ts';
import { SottoError, throwIfAborted, toHex } from '../shared/index.ts';
import type { ConvertedModel, ModelConversionOptions } from './conversion/index.ts';
import { loadRequestExtras } from './load-request-extras.ts';
import type { AdapterLoadOptions, ModelLoadOptions, ReadyModel } from './model-load.ts';
import { modelName } from './model-name.ts';
import type { ModelEntry, ModelPage } from './model-page.ts';
import type { OnnxFolder } from './onnx-folder.ts';
import type { ModelDeleted } from './openai-types.ts';
import { checkOptions, type OptionTable, SIGNAL } from './options.ts';
import { type GenerationDefaults, NEUTRAL_DEFAULTS } from './sampling-parameters.ts';
import { abortByCallId } from './supervised-worker.ts';
import { untilAborted } from './until-aborted.ts';
import type { Workers } from './workers.ts';

/** Bytes of memory that any device of today has: no plan is made for a model that takes less. */
const ALWAYS_FITS = 2 ** 30;

const LOAD_OPTIONS: OptionTable<ModelLoadOptions> = {
  ...SIGNAL,
  onProgress: 'function',
  backend: ['auto', 'cpu', 'webgpu'],
  threads: 'count',
  power: ['full', 'saving'],
  kvCache: ['int8', 'f16', 'f32'],
  draftModel: 'any',
  contextLength: 'count',
  chatTemplate: 'text',
};

/** A thread that does not answer by then is ended all the same. */
const FAREWELL_MS = 1_000;

/** What a load begins with: an id or an address, a GGUF file, or the files of an ONNX model. */
type Given = string | File | OnnxFolder;

interface Current {
  readonly model: ReadyModel;
  readonly source: Given;
  readonly options: ModelLoadOptions;
  readonly defaults: GenerationDefaults;
  /** The inference worker it lives in; a later incarnation knows nothing of it. */
  readonly incarnation: number | string;
}

/** A load that waits or runs. */
interface PendingLoad {
  readonly source: Given | Promise<Given>;
  readonly stop: AbortController;
  /** Resolves when it has ended, well or badly. */
  readonly end: Promise<unknown>;
}

/** The models of one `Sotto`: what can be had, what is stored, and the one that is loaded. */
export class Models {
  readonly #workers: Workers;
  /** What was loaded beside the model, to be loaded again with it. @internal */
  readonly adapters: Map<string, ModelSource> = new Map();
  #current: Current | undefined;
  /** Loads run one after the other: they share one engine. */
  #queue: Promise<unknown> = Promise.resolve();
  readonly #loads = new Set<PendingLoad>();
  #era = 0;

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** The loaded model, or null. */
  get loaded(): ReadyModel | null {
    return this.#alive?.model ?? null;
  }

  /** The models this site offers. */
  catalogue(): Promise<readonly CatalogueEntry[]> {
    return this.#workers.download.call(({ port }) => port.catalogue());
  }

  /** What is known of a model of the catalogue before it is fetched: size, licence, defaults. */
  async manifest(modelId: string): Promise<ModelManifest> {
    modelName(modelId);
    return this.#workers.download.call(({ port }) => port.manifest(modelId));
  }

  /** The models kept in this browser, whole or in part. */
  stored(): Promise<readonly StoredModel[]> {
    return this.#workers.download.call(({ port }) => port.list());
  }

  /** Every model that can be asked for: the site's, those stored here, the one that is loaded, and the flows. */
  async list(): Promise<ModelPage> {
    const [catalogue, stored] = await Promise.all([this.catalogue(), this.stored()]);
    const { pageOfModels } = await import('./model-page.ts');
    return pageOfModels({ catalogue, stored, loaded: this.loaded });
  }

  /** One of them; rejects with `model-unknown`. */
  async retrieve(modelId: string): Promise<ModelEntry> {
    const entry = (await this.list()).data.find(({ id }) => id === modelId);
    if (entry === undefined) throw new SottoError('model-unknown', `There is no model "${modelId}".`);
    return entry;
  }

  /**
   * Fetches what is missing, verifies all of it and makes the model ready. A text is an id, or the address of a .gguf file on
   * a server this page may speak to, which is then pinned to what came first. A File is read from disk and not stored; a model
   * split into parts ("…-00001-of-00003.gguf") is all of its files, in any order. A folder with safetensors weights is
   * converted first; one with ONNX graphs runs on onnxruntime-web.
   */
  async load(given: string | File | readonly File[], options: ModelLoadOptions = {}): Promise<ReadyModel> {
    checkOptions(options, LOAD_OPTIONS);
    if (typeof given === 'string' || given instanceof Blob) return this.#enqueue(given, options);
    if (!Array.isArray(given)) throw new SottoError('invalid-option', 'A model is a text, a File, or a list of Files.');
    // Its place in the queue is taken now, whatever has to be fetched or converted first.
    const made = import('./given-files.ts').then(({ sourceOf }) => sourceOf(this.#workers, given, options));
    made.catch(() => {}); // Whoever waits for its turn hears of it then.
    return this.#enqueue(made, options);
  }

  #enqueue(source: Given | Promise<Given>, options: ModelLoadOptions): Promise<ReadyModel> {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const before = this.#queue;
    const turn = this.#waitFor(before, signal);
    const result = turn.then(async () => this.#load(await source, { ...options, signal }));
    const pending = { source, stop, end: result.catch(() => {}) };
    this.#loads.add(pending);
    void pending.end.then(() => this.#loads.delete(pending));
    // One that left the queue does not make room: the load before it still runs.
    this.#queue = before.then(() => pending.end);
    return result;
  }

  /**
   * Makes a GGUF file of a folder as models are published with: config.json, tokenizer.json, one or several .safetensors
   * files. Nothing is loaded or stored. Rejects with `model-files-missing`, `model-config-invalid`, `model-unsupported`,
   * `tokenizer-unsupported`, `safetensors-*`, or AbortError.
   */
  async convert(files: readonly File[], options: ModelConversionOptions = {}): Promise<ConvertedModel> {
    const { convertFolder } = await import('./conversion/convert-folder.ts');
    return convertFolder(this.#workers, files, options);
  }

  /**
   * Reads a LoRA adapter (a GGUF file, or the address of one) beside the loaded model, which stays as it is; requests then
   * name it: `adapter: 'pirate'`, or several with scales. Resolves with the names of all that are there. Rejects with
   * `model-not-loaded`, `unsupported-option` (an engine without adapters), `model-unsupported` or `gguf-invalid`.
   */
  async loadAdapter(name: string, given: string | Blob, options: AdapterLoadOptions = {}): Promise<readonly string[]> {
    const { loadAdapter } = await import('./load-adapter.ts');
    return loadAdapter(this.#workers, this, name, given, options);
  }

  /** Gives all memory of the engine back: WebAssembly memory never shrinks, so the thread ends. */
  unload(): Promise<void> {
    const result = this.#queue.then(() => {
      this.#current = undefined;
      return this.#stopEngine();
    });
    this.#queue = result;
    return result;
  }

  /** Removes a stored model from this browser. Loads of it reject with AbortError; if it is the loaded one it is unloaded first. */
  async delete(modelId: string): Promise<ModelDeleted> {
    modelName(modelId);
    // A load that goes on would find its chunks missing, and fetch again what was to be gone.
    const loads = [...this.#loads].filter(({ source }) => source === modelId);
    for (const { stop } of loads) stop.abort();
    await Promise.all(loads.map(({ end }) => end));
    if (this.#current?.model.id === modelId) await this.unload();
    await this.#workers.download.call(({ port }) => port.remove(modelId));
    note(({ noteDeleted }) => noteDeleted(modelId));
    return { id: modelId, object: 'model', deleted: true };
  }

  /** Counts disposals: a call that began before one must not start threads afterwards. @internal */
  get era(): number {
    return this.#era;
  }

  /** The model a request of that era asks for, loaded again if its thread died since. @internal */
  async ready(
    modelId: string,
    signal?: AbortSignal,
    era = this.#era,
  ): Promise<{ model: ReadyModel; defaults: GenerationDefaults }> {
    await this.#waitFor(this.#queue, signal, era);
    const current = this.#current;
    if (current === undefined || current.model.id !== modelId) {
      const loaded = current ? `"${current.model.id}" is.` : 'None is.';
      throw new SottoError('model-not-loaded', `Model "${modelId}" is not loaded. ${loaded}`);
    }
    if (this.#alive !== current) {
      await this.#enqueue(current.source, { ...current.options, signal });
      if (this.adapters.size > 0)
        await (await import('./load-adapter.ts')).loadAgain(this.#workers, this.adapters, signal);
    }
    const { model, defaults } = this.#current ?? current;
    return { model, defaults };
  }

  /** What waits for its turn rejects with `disposed`; whoever disposes ends the threads. @internal */
  dispose(): void {
    this.#era += 1;
  }

  /** Waits for what comes before, unless an abort or a disposal ends the waiting. */
  async #waitFor(before: Promise<unknown>, signal: AbortSignal | undefined, era = this.#era): Promise<void> {
    await untilAborted(before, signal);
    if (era !== this.#era) throw new SottoError('disposed', 'Sotto was disposed of before this could begin.');
  }

  /** The loaded model, if the thread it was loaded into still lives. */
  get #alive(): Current | undefined {
    const { inference } = this.#workers;
    const isSame = inference.isRunning && this.#current?.incarnation === inference.incarnation;
    return isSame ? this.#current : undefined;
  }

  async #load(source: Given, options: ModelLoadOptions): Promise<ReadyModel> {
    const { signal, onProgress, ...engine } = options;
    throwIfAborted(signal);
    if (typeof source !== 'string') await this.#workers.permit('file');
    const alive = this.#alive;
    if (alive?.source === source && sameOptions(alive.options, engine)) return alive.model;
    // Started now, the sandbox costs the first question neither time nor a request. If it cannot start, that question says so.
    this.#workers.sandbox.call(({ port }) => Promise.resolve(port.hello())).catch(() => {});
    if (typeof source !== 'string') {
      const from: DecoderSource =
        source instanceof Blob
          ? { kind: 'file', file: source, name: source.name }
          : { kind: 'onnx', model: { kind: 'files', ...source } };
      const loaded = await this.#loadEngine(from, options);
      return this.#keep(loaded, source.name, source, engine, NEUTRAL_DEFAULTS);
    }
    // An address is a name too: what lies there is kept under an id of its own.
    // What is not to be had leaves the one that is loaded alone.
    const stored = await this.#download(modelName(source), options);
    const manifest = await untilAborted(this.manifest(stored.id), signal);
    if (manifest.memoryBytes > ALWAYS_FITS) await assertFits(manifest, engine);
    const isOnnx = manifest.file.path.endsWith('.onnx');
    const loaded = await this.#loadStored(stored, isOnnx, options);
    // The template of an ONNX model lies in a file of its own, whose bytes were verified.
    if (!isOnnx) await assertPinnedTemplate(loaded, manifest);
    // None named is none given: an empty one would silence the template's own, and some templates take none at all.
    const systemPrompt = manifest.defaults.systemPrompt || null;
    return this.#keep(loaded, stored.id, source, engine, { ...manifest.defaults, systemPrompt });
  }

  /**
   * Ends the engine's thread. Asked first, its compute threads leave by themselves; ended without a word they hold the
   * memory for two more seconds, because the browser gives a blocked thread that long.
   */
  async #stopEngine(): Promise<void> {
    const { inference } = this.#workers;
    if (!inference.isRunning) return;
    await inference.call(({ port }) => port.unload(), { timeoutMs: FAREWELL_MS }).catch(() => {});
    inference.stop();
  }

  async #download(modelId: string, { signal, onProgress }: ModelLoadOptions): Promise<StoredModel> {
    const stored = await this.#workers.download.call(
      ({ port, callId }) => port.download(callId, modelId, listener(onProgress)),
      { signal, abort: abortByCallId },
    );
    note(({ noteStored }) => noteStored(stored));
    return stored;
  }

  /** Loads from the store; a chunk that changed on disk is fetched again, once. */
  async #loadStored(stored: StoredModel, isOnnx: boolean, options: ModelLoadOptions): Promise<LoadedModel> {
    const { download } = this.#workers;
    try {
      return await this.#loadEngine(await this.#decoderOf(stored, isOnnx), options);
    } catch (error) {
      if (!SottoError.isInstance(error) || error.code !== 'chunk-corrupt') throw error;
      await download.call(({ port, callId }) => port.repair(callId, stored.id, listener(options.onProgress)), {
        signal: options.signal,
        abort: abortByCallId,
      });
      return this.#loadEngine(await this.#decoderOf(stored, isOnnx), options);
    }
  }

  async #decoderOf(stored: StoredModel, isOnnx: boolean): Promise<DecoderSource> {
    if (!isOnnx) return this.#sourceOf(stored);
    const { id, name, medium } = stored;
    if (medium !== 'memory') return { kind: 'onnx', model: { kind: 'stored', modelId: id } };
    const files = await this.#workers.download.call(({ port }) => port.files(id));
    return { kind: 'onnx', model: { kind: 'files', name, files } };
  }

  async #sourceOf(stored: StoredModel): Promise<ModelSource> {
    return stored.medium === 'memory'
      ? { kind: 'file', file: await this.#workers.download.call(({ port }) => port.blob(stored.id)), name: stored.name }
      : { kind: 'stored', modelId: stored.id };
  }

  async #draftOf(given: string | File | undefined, options: ModelLoadOptions): Promise<ModelSource | undefined> {
    if (typeof given === 'string') return this.#sourceOf(await this.#download(given, options));
    if (given === undefined) return undefined;
    await this.#workers.permit('file');
    return { kind: 'file', file: given, name: given.name };
  }

  async #loadEngine(source: DecoderSource, options: ModelLoadOptions): Promise<LoadedModel> {
    const { signal, onProgress, draftModel, ...more } = options;
    const draft = await this.#draftOf(draftModel, options);
    const engine = { ...more, ...(draft && { draft }) };
    // What cannot be loaded leaves the one that is loaded alone; a thread that dies meanwhile would have been replaced.
    if (this.#alive) {
      const checked = this.#workers.inference.call(({ port, callId }) => port.check(callId, source, engine), {
        signal,
        abort: abortByCallId,
      });
      await checked.catch((error) => {
        if (this.#alive) throw error;
      });
    }
    // The next model gets a fresh thread: the memory of the one before goes back to the system.
    if (this.#alive) await this.#stopEngine();
    // While there surely is a network. Without it nothing is lost: a request that needs them asks again.
    void loadRequestExtras().catch(() => {});
    return this.#workers.inference.call(({ port, callId }) => port.load(callId, source, engine, listener(onProgress)), {
      signal,
      abort: abortByCallId,
    });
  }

  #keep(
    loaded: LoadedModel,
    id: string,
    source: Given,
    options: ModelLoadOptions,
    defaults: GenerationDefaults,
  ): ReadyModel {
    if (this.#current?.source !== source) this.adapters.clear();
    const model = { ...loaded, id };
    this.#current = {
      model,
      source,
      options,
      defaults,
      incarnation: this.#workers.inference.incarnation,
    };
    return model;
  }
}

/** Refuses with `model-too-large`, and the numbers, before a weight is read. */
async function assertFits(manifest: ModelManifest, options: ModelLoadOptions): Promise<void> {
  const { assertManifestFits } = await import('./library/model-library.ts');
  await assertManifestFits(manifest, options);
}

/** What is stored is noted outside of the store too, when there is time; without the note an eviction goes unnoticed. */
function note(write: (sentinel: typeof import('./library/sentinel.ts')) => void): void {
  import('./library/sentinel.ts').then(write).catch(() => {});
}

function listener<E>(onProgress: ((event: E) => void) | undefined): (event: E) => void {
  return proxy((event: E) => onProgress?.(event));
}

function sameOptions(a: ModelLoadOptions, b: ModelLoadOptions): boolean {
  return (
    a.backend === b.backend &&
    a.threads === b.threads &&
    a.power === b.power &&
    a.kvCache === b.kvCache &&
    a.draftModel === b.draftModel &&
    a.contextLength === b.contextLength &&
    a.chatTemplate === b.chatTemplate
  );
}

/** A poisoned template turns a clean model against its user, so it is pinned as strictly as the weights. */
async function assertPinnedTemplate(loaded: LoadedModel, manifest: ModelManifest): Promise<void> {
  // Only what came with the file can be poisoned with it.
  if (loaded.chatTemplateSource === 'option') return;
  const own = loaded.chatTemplateSource === 'file' ? loaded.chatTemplate : '';
  const bytes = new TextEncoder().encode(own ?? '');
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  if (sha256 !== manifest.chatTemplateSha256) {
    throw new SottoError('template-rejected', `The chat template of "${manifest.id}" is not the published one.`);
  }
}
