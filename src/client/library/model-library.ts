import { proxy } from 'comlink';
import type {
  CatalogueEntry,
  DownloadEvent,
  LoadOptions,
  ModelAnnouncement,
  ModelChange,
  ModelManifest,
  ModelPlace,
  StoredModel,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { modelName } from '../model-name.ts';
import { checkOptions, type OptionTable, SIGNAL } from '../options.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';
import { readDevice } from './device.ts';
import { type DeviceFacts, type ModelPlan, needsOf, planModel, rank } from './plan-model.ts';
import { askToPersist, findEvicted, noteDeleted, noteStored, type RememberedModel } from './sentinel.ts';

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: DownloadEvent) => void) | undefined;
}

export interface ImportOptions extends TransferOptions {
  /** Fingerprint of a pack's signer that the person has compared; it is trusted from then on. */
  readonly trust?: string;
}

/** A file to be saved. */
export interface ExportedModelFile {
  readonly name: string;
  readonly blob: Blob;
}

/** One model of the site, and how it would run here. */
export interface Recommendation {
  readonly id: string;
  readonly name: string;
  readonly parameters: number;
  readonly architecture: string;
  readonly quantisation: string;
  readonly fileBytes: number;
  readonly plan: ModelPlan;
  /** Another quantisation of the same model that does better here. */
  readonly betterId?: string;
}

/** What the browser says of its storage. */
export interface StorageState {
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
  /** True where the browser promised not to delete by itself. */
  readonly isPersistent: boolean;
  /** Where new models go; null where the browser does not say. */
  readonly medium: StoredModel['medium'] | null;
  /** Where they may go by `moveTo`; none where there is no choice. */
  readonly choices: ModelPlace['choices'];
}

/** What is chosen at a load, as far as memory depends on it. */
export interface PlanOptions extends Pick<LoadOptions, 'contextLength' | 'backend' | 'kvCache'> {
  /** A model of the catalogue that guesses. */
  readonly draftModel?: string;
  /** Files of LoRA adapters. */
  readonly adapters?: readonly Blob[];
}

const PLAN_OPTIONS: OptionTable<PlanOptions> = {
  contextLength: 'count',
  backend: ['auto', 'cpu', 'webgpu'],
  kvCache: ['int8', 'f16', 'f32'],
  draftModel: 'text',
  adapters: 'any',
};

const TRANSFER: OptionTable<TransferOptions> = { ...SIGNAL, onProgress: 'function' };

function checked(options: TransferOptions): TransferOptions {
  checkOptions(options, TRANSFER);
  return options;
}

/** The name of the channel on which tabs tell each other of models. */
const CHANNEL = 'sotto-models';

/** What can be done with models besides loading them: the part of `sotto.models` that comes when it is first used. */
export class ModelLibrary {
  readonly #workers: Workers;

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Models that this site knows of and does not hold: had from a mirror, or imported. */
  known(): Promise<readonly CatalogueEntry[]> {
    return this.#workers.download.call(({ port }) => port.known());
  }

  /**
   * Fetches and verifies a model without loading it; goes on where an earlier attempt stopped. `model`: an id or an address.
   * Rejects with `download-…`, `hash-mismatch`, `model-changed`, `storage-full`, AbortError (also when it was paused).
   */
  async download(model: string, options: TransferOptions = {}): Promise<StoredModel> {
    const { signal, onProgress } = checked(options);
    const name = modelName(model);
    await askToPersist();
    const stored = await this.#workers.download.call(
      ({ port, callId }) => port.download(callId, name, listener(onProgress)),
      { signal, abort: abortByCallId },
    );
    noteStored(stored);
    return stored;
  }

  /** Stops the download of a model in whichever tab it runs; what has arrived is kept. `download` goes on from there. */
  async pause(modelId: string): Promise<void> {
    modelName(modelId);
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage({ type: 'model-pause', modelId } satisfies ModelAnnouncement);
    channel.close();
  }

  /** Reads every stored byte again. `complete` is false where pieces had changed; `download` or `repair` fetches those. */
  async verify(modelId: string, options: TransferOptions = {}): Promise<StoredModel> {
    modelName(modelId);
    const { signal, onProgress } = checked(options);
    return this.#workers.download.call(({ port, callId }) => port.verify(callId, modelId, listener(onProgress)), {
      signal,
      abort: abortByCallId,
    });
  }

  /** Reads every stored byte again and fetches what had changed. */
  async repair(modelId: string, options: TransferOptions = {}): Promise<StoredModel> {
    modelName(modelId);
    const { signal, onProgress } = checked(options);
    if ((await this.#stored()).every(({ id }) => id !== modelId))
      throw new SottoError('model-unknown', `The model "${modelId}" is not stored here.`);
    return this.#workers.download.call(({ port, callId }) => port.repair(callId, modelId, listener(onProgress)), {
      signal,
      abort: abortByCallId,
    });
  }

  /**
   * Stores models from files: .gguf (all parts of a split one), the files of an ONNX model's folder, model packs, and of a folder
   * with safetensors weights the GGUF file that is made of it.
   * Rejects with `pack-untrusted` (details.signer) for a pack whose signer is not known here; pass it as `trust` once compared.
   */
  async import(files: File | readonly File[], options: ImportOptions = {}): Promise<readonly StoredModel[]> {
    checkOptions(options, { ...TRANSFER, trust: 'text' });
    const { trust, signal, onProgress } = options;
    const all = files instanceof Blob ? [files] : files;
    // What can be kept as it is comes first: folders are published with the same weights in several forms.
    const isConverted = hasFile(all, /\.safetensors$/) && !hasFile(all, /\.(gguf|sotto|onnx)$/);
    const given = (isConverted ? [await this.#convert(all, options)] : all).map((file) => ({
      path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
      blob: file,
    }));
    await askToPersist();
    const stored = await this.#workers.download.call(
      ({ port, callId }) => port.importFiles(callId, given, trust, listener(onProgress)),
      { signal, abort: abortByCallId },
    );
    for (const model of stored) noteStored(model);
    return stored;
  }

  async #convert(files: readonly File[], { signal, onProgress }: ImportOptions): Promise<File> {
    // What the policy forbids is not read first.
    await this.#workers.permit('import');
    const { convertFolder } = await import('../conversion/convert-folder.ts');
    const { file } = await convertFolder(this.#workers, files, {
      signal,
      onProgress: ({ doneBytes, totalBytes }) =>
        onProgress?.({ type: 'download-progress', loadedBytes: doneBytes, totalBytes }),
    });
    return file;
  }

  /** A stored model as files: as they came, or as one signed pack. */
  async export(modelId: string, form: 'files' | 'pack' = 'files'): Promise<readonly ExportedModelFile[]> {
    modelName(modelId);
    checkOptions({ form }, { form: ['files', 'pack'] });
    return this.#workers.download.call(({ port }) => port.exportModel(modelId, form));
  }

  /** What the source of a pinned model offers now; null where that is what was accepted. */
  async changes(modelId: string): Promise<ModelChange | null> {
    modelName(modelId);
    return this.#workers.download.call(({ port, callId }) => port.changes(callId, modelId));
  }

  /** Takes the edition that `changes` showed in place of the one that was accepted before. */
  async acceptChange(modelId: string, edition: string): Promise<void> {
    await this.#workers.download.call(({ port }) => port.acceptChange(modelId, edition));
  }

  /**
   * Whether a model can work here, and how: on which engine, with how much context, with how many bytes. The options are those
   * of a load, and the adapters that are to be loaded beside it.
   */
  async plan(modelId: string, options: PlanOptions = {}): Promise<ModelPlan> {
    modelName(modelId);
    checkOptions(options, PLAN_OPTIONS);
    const { draftModel, adapters = [], backend, ...wish } = options;
    const { download } = this.#workers;
    const [manifest, stored, device, draft, ...sizes] = await Promise.all([
      download.call(({ port }) => port.manifest(modelId)),
      this.#stored(),
      readDevice(),
      draftModel === undefined ? undefined : download.call(({ port }) => port.manifest(draftModel)),
      ...adapters.map((adapter) => download.call(({ port }) => port.adapterBytes(adapter))),
    ]);
    const kept = stored.find(({ id }) => id === modelId);
    const storedBytes = kept?.complete ? Number.MAX_SAFE_INTEGER : (kept?.storedBytes ?? 0);
    return planModel(needsOf(manifest, storedBytes), device, {
      ...wish,
      backend: backend === 'auto' ? undefined : backend,
      draft: draft && needsOf(draft),
      adapterBytes: sizes.reduce((sum, size) => sum + size, 0),
    });
  }

  /** The chat models that can be had here, the most able one that fits first; of several quantisations the best for this device. */
  async recommend(): Promise<readonly Recommendation[]> {
    const [catalogue, stored, device] = await Promise.all([
      this.#workers.download.call(({ port }) => port.catalogue()),
      this.#stored(),
      readDevice(),
    ]);
    const ids = new Set([
      ...catalogue.filter(({ kind = 'chat' }) => kind === 'chat').map(({ id }) => id),
      ...stored.filter(({ complete }) => complete).map(({ id }) => id),
    ]);
    const all = await Promise.all([...ids].map((id) => this.#recommendation(id, stored, device).catch(() => null)));
    return rank(all.filter((entry) => entry !== null));
  }

  /** How much room there is, and whether the browser promised to keep what is stored. */
  async storage(): Promise<StorageState> {
    const [place, device, estimate, isPersistent] = await Promise.all([
      this.#workers.download.call(({ port }) => port.place()).catch(() => null),
      readDevice(),
      navigator.storage?.estimate?.().catch(() => undefined),
      navigator.storage?.persisted?.().catch(() => false),
    ]);
    return {
      usedBytes: estimate?.usage ?? null,
      freeBytes: device.freeBytes,
      isPersistent: isPersistent ?? false,
      medium: place?.medium ?? null,
      choices: place?.choices ?? [],
    };
  }

  /**
   * Chooses where models are stored: `indexeddb` (the default) or `opfs` (private files). New ones go there, and
   * all others are moved, each verified where it lies now before the old one goes. Stopped or killed in the middle nothing is
   * lost, and a second call goes on. Rejects with `storage-unavailable`, `storage-full`, AbortError.
   */
  async moveTo(medium: 'indexeddb' | 'opfs', options: TransferOptions = {}): Promise<readonly StoredModel[]> {
    checkOptions({ medium }, { medium: ['indexeddb', 'opfs'] });
    const { signal, onProgress } = checked(options);
    return this.#workers.download.call(({ port, callId }) => port.moveModels(callId, medium, listener(onProgress)), {
      signal,
      abort: abortByCallId,
    });
  }

  /** Models that were stored here and that the browser has removed by itself. */
  async evicted(): Promise<readonly RememberedModel[]> {
    return findEvicted(await this.#stored());
  }

  /** Takes a model off the list of those that were stored here. */
  async forget(modelId: string): Promise<void> {
    noteDeleted(modelName(modelId));
  }

  /** Stored models, the one whose last use is longest ago first: what to delete when room is short. */
  async leastUsed(): Promise<readonly StoredModel[]> {
    return [...(await this.#stored())].sort((a, b) => a.usedAt - b.usedAt || b.storedBytes - a.storedBytes);
  }

  /** Told of downloads and deletions in every tab of this origin; resolves with the function that stops listening. */
  watch(listen: (event: ModelAnnouncement) => void): Promise<() => void> {
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', ({ data }: MessageEvent<ModelAnnouncement>) => listen(data));
    return Promise.resolve(() => channel.close());
  }

  #stored(): Promise<readonly StoredModel[]> {
    return this.#workers.download.call(({ port }) => port.list());
  }

  async #recommendation(
    id: string,
    stored: readonly StoredModel[],
    device: DeviceFacts,
  ): Promise<Recommendation | null> {
    const manifest = await this.#workers.download.call(({ port }) => port.manifest(id));
    if (manifest.capabilities !== undefined && !manifest.capabilities.includes('chat')) return null;
    if (manifest.capabilities === undefined && manifest.file.path.endsWith('.onnx')) return null;
    const kept = stored.find((model) => model.id === id);
    const storedBytes = kept?.complete ? Number.MAX_SAFE_INTEGER : (kept?.storedBytes ?? 0);
    const { name, architecture, parameters, quantisation, file } = manifest;
    const plan = planModel(needsOf(manifest, storedBytes), device);
    return { id, name, architecture, parameters, quantisation, fileBytes: file.size, plan };
  }
}

/** Refuses, with the numbers, a model that is stored and cannot work here. Rejects with `model-too-large`. */
export async function assertManifestFits(
  manifest: ModelManifest,
  { contextLength, kvCache }: Pick<LoadOptions, 'contextLength' | 'kvCache'> = {},
): Promise<void> {
  const { name } = manifest;
  const needs = needsOf(manifest, Number.MAX_SAFE_INTEGER);
  const { problems } = planModel(needs, await readDevice(), { contextLength, kvCache });
  const problem = problems.find(({ what }) => what !== 'storage');
  if (problem === undefined) return;
  const { what, neededBytes, availableBytes } = problem;
  const limit = what === 'memory' ? 'this device has' : 'WebAssembly can address';
  throw new SottoError(
    'model-too-large',
    `"${name}" needs ${mebibytes(neededBytes)} of memory; ${limit} ${mebibytes(availableBytes)}.`,
    { details: { what, neededBytes, availableBytes } },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function listener<E>(onProgress: ((event: E) => void) | undefined): (event: E) => void {
  return proxy((event: E) => onProgress?.(event));
}

function hasFile(files: readonly File[], name: RegExp): boolean {
  return files.some((file) => name.test(file.name.toLowerCase()));
}
