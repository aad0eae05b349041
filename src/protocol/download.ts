import type { Feature, Policy } from '../policy/index.ts';
import type { IndexedDocument } from './documents.ts';
import type { Envelope } from './envelope.ts';

/** One file of a model, as its manifest pins it. */
export interface ManifestFile {
  /** Address relative to the manifest. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes a chunk; the last one may be shorter. */
  readonly chunkBytes: number;
  /** SHA-256 of each chunk, in order. */
  readonly chunks: readonly string[];
  /** The files it was put together from, in order: a model that comes in parts is stored as one, and exported as it came. */
  readonly parts?: readonly { readonly path: string; readonly size: number }[];
}

/** What a model can be used for. `tasks`: through transformers.js. */
export type ModelCapability = 'chat' | 'tools' | 'embeddings' | 'tasks';

/**
 * Who vouches for the bytes. `published`: the site or the catalogue named the hash before they came. `signed`: a pack whose
 * signer is trusted here. `pinned`: nobody; they are held to what came the first time. `imported`: the person's own file.
 */
export type HashState = 'published' | 'signed' | 'pinned' | 'imported';

/** What a model takes in memory, in bytes. */
export interface MemoryNeeds {
  readonly weightsBytes: number;
  /** Of these, what the processor's engine leaves in the file and reads a row a token of; absent: nothing. */
  readonly unloadedBytes?: number;
  /** KV cache a token of context, at two bytes a value. */
  readonly cacheBytesPerToken: number;
  /** Activations, logits, tokenizer. */
  readonly workingBytes: number;
  /** The same on a graphics card, where that differs. */
  readonly graphicsBytes?: number;
}

/** What the page says of a model before it is there, and how it speaks by default. */
export interface ModelManifest {
  readonly manifestVersion: 1;
  readonly id: string;
  readonly name: string;
  /** Edition of the model by whoever publishes it; absent in manifests made before there were editions. */
  readonly version?: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly quantisation: string;
  readonly licence: { readonly id: string; readonly file: string };
  readonly source: string;
  readonly file: ManifestFile;
  /** Further files of the model (tokenizer, configuration): fetched, verified, repaired and removed with it. */
  readonly companions?: readonly ManifestFile[];
  readonly contextLength: number;
  /** SHA-256 of the chat template's UTF-8 text. */
  readonly chatTemplateSha256: string;
  /** SHA-256 over the tokenizer's metadata (`tokenizerSha256Of`), or of tokenizer.json. */
  readonly tokenizerSha256?: string;
  /** Bytes of memory at the default context: weights, KV cache and working space. */
  readonly memoryBytes: number;
  readonly memory?: MemoryNeeds;
  readonly capabilities?: readonly ModelCapability[];
  /** Absent: `published`. */
  readonly hashes?: HashState;
  /** Where it came from, if not from this site's own models/: an address, a file's name, or the key of a signer. */
  readonly origin?: { readonly url?: string; readonly file?: string; readonly signer?: string };
  readonly defaults: {
    readonly systemPrompt: string;
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly repetitionPenalty: number;
    readonly maxTokens: number;
  };
}

export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  /** What it is for; absent: `chat`. `onnx`: a model of the tasks worker. */
  readonly kind?: 'chat' | 'embedding' | 'onnx';
  /** Address of the manifest, relative to the catalogue; empty for a model that this site only knows of. */
  readonly manifest: string;
  /** For a model that this site only knows of: where it is published, and what is known of it. */
  readonly source?: KnownSource;
}

/** A published model file, by its exact place; what is not known for certain is null. */
export interface KnownSource {
  /** OWNER/NAME on a host of model repositories. */
  readonly repository: string;
  readonly revision: string;
  /** Path in the repository. */
  readonly file: string;
  readonly size: number | null;
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string | null;
  /** SPDX identifier, or the name of the licence. */
  readonly licence: string;
  readonly architecture: string;
  readonly quantisation: string;
  readonly parameters: number;
  readonly contextLength: number;
}

/** Two editions of a model side by side: what was accepted here, and what its source offers now. */
export interface ModelChange {
  readonly modelId: string;
  /** Names the new edition; `acceptChange` takes it. */
  readonly edition: string;
  readonly size: { readonly before: number; readonly after: number };
  /** Lines of the chat template: `-` only before, `+` only after, a blank for both. Empty where it did not change. */
  readonly template: readonly string[];
  /** Facts of the tokenizer that differ. */
  readonly tokenizer: readonly { readonly fact: string; readonly before: string; readonly after: string }[];
}

/** Documents of a site, made searchable beforehand. */
export interface KnowledgePack {
  readonly name: string;
  readonly version: string;
  readonly isSigned: boolean;
  /** The encoder of its vectors, by its id in the catalogue; null: it is searched by words. */
  readonly model: string | null;
  /** Where documents can be read, by their ids. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly documents: readonly IndexedDocument[];
}

export type DownloadEvent =
  | {
      readonly type: 'download-progress';
      readonly loadedBytes: number;
      /** Of all files of the model. */
      readonly totalBytes: number;
      /** Over the last seconds; absent until there is something to measure. */
      readonly bytesPerSecond?: number;
      readonly secondsLeft?: number;
    }
  /** A source has failed for good; the next one is asked. */
  | { readonly type: 'download-mirror'; readonly host: string; readonly reason: string }
  | { readonly type: 'download-retry'; readonly attempt: number; readonly waitMs: number; readonly reason: string };

/** What tabs tell each other of models, on the channel `sotto-models`. */
export type ModelAnnouncement =
  | { readonly type: 'model-progress'; readonly modelId: string; readonly event: DownloadEvent }
  | { readonly type: 'model-stored' | 'model-stopped' | 'model-removed'; readonly modelId: string }
  /** Whoever fetches this model is asked to stop. */
  | { readonly type: 'model-pause'; readonly modelId: string };

export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly storedBytes: number;
  readonly complete: boolean;
  /** `memory`: the browser offers no storage, and the model goes when the page closes. */
  readonly medium: 'indexeddb' | 'opfs' | 'memory';
  readonly hashes: HashState;
  /** When it was last used, in milliseconds since 1970; 0 for never. */
  readonly usedAt: number;
}

/** Where models are stored in this browser. */
export interface ModelPlace {
  readonly medium: StoredModel['medium'];
  readonly choices: readonly ('indexeddb' | 'opfs')[];
}

/** The port of the download worker: the only thread that talks to model hosts. */
export interface DownloadPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  /** What the site allows; rejects with `policy-invalid`. */
  policy(): Promise<Envelope<Policy>>;
  /** Rejects with `blocked-by-policy` where the site has switched this off. `file`: a model's file from disk. */
  permit(what: Feature | 'file'): Promise<Envelope<null>>;
  /** Bytes that a LoRA adapter takes beside a model once it is loaded, by its header. Rejects with `gguf-…`. */
  adapterBytes(adapter: Blob): Promise<Envelope<number>>;
  /** A knowledge pack by its address, relative to the site: fetched once, verified, kept. */
  knowledge(address: string): Promise<Envelope<KnowledgePack>>;
  catalogue(): Promise<Envelope<readonly CatalogueEntry[]>>;
  manifest(modelId: string): Promise<Envelope<ModelManifest>>;
  /** Models that this site knows of and cannot give: published elsewhere, to be imported, or had from a mirror. */
  known(): Promise<Envelope<readonly CatalogueEntry[]>>;
  /**
   * Fetches what is missing, verifies it, stores it; resolves when the model is complete. `modelId` may be an address.
   * A model whose hash nobody published is pinned to what comes first; rejects with `model-changed` where that differs later.
   */
  download(callId: string, modelId: string, onEvent: (event: DownloadEvent) => void): Promise<Envelope<StoredModel>>;
  /** Throws away and fetches again the chunks whose stored bytes no longer match. */
  repair(callId: string, modelId: string, onEvent: (event: DownloadEvent) => void): Promise<Envelope<StoredModel>>;
  /** What the source of a pinned model offers now, where that differs; null where it does not. */
  changes(callId: string, modelId: string): Promise<Envelope<ModelChange | null>>;
  /** Takes an edition in place of the pinned one: what is stored goes, and the next download is held to this edition. */
  acceptChange(modelId: string, edition: string): Promise<Envelope<null>>;
  /**
   * Stores models from files of the person: packs, .gguf (parts together), folders of ONNX models. `trust`: the fingerprint of a
   * signer the person has compared. Rejects with `pack-…`, `gguf-…`, `model-unsupported`, `storage-full`.
   */
  importFiles(
    callId: string,
    files: readonly { readonly path: string; readonly blob: Blob }[],
    trust: string | undefined,
    onEvent: (event: DownloadEvent) => void,
  ): Promise<Envelope<readonly StoredModel[]>>;
  /** A stored model as files, as they came or as one pack. */
  exportModel(
    modelId: string,
    form: 'files' | 'pack',
  ): Promise<Envelope<readonly { readonly name: string; readonly blob: Blob }[]>>;
  /** Reads every stored byte again; pieces that changed are forgotten, so that `complete` says what the disk really holds. */
  verify(callId: string, modelId: string, onEvent: (event: DownloadEvent) => void): Promise<Envelope<StoredModel>>;
  /** The whole model as a Blob: the way to the engine where the browser offers no storage (`medium: 'memory'`). */
  blob(modelId: string): Promise<Envelope<Blob>>;
  /** The same for a model of several files, by their paths. */
  files(modelId: string): Promise<Envelope<readonly { readonly path: string; readonly blob: Blob }[]>>;
  list(): Promise<Envelope<readonly StoredModel[]>>;
  remove(modelId: string): Promise<Envelope<null>>;
  /** Where new models go, and the places to choose from; none where there is only one. */
  place(): Promise<Envelope<ModelPlace>>;
  /**
   * New models go to this place from now on, and all others are moved there, verified. Killed in the middle nothing is lost, and a
   * second call goes on. Rejects with `storage-unavailable`, `storage-full`. Resolves with all stored models.
   */
  moveModels(
    callId: string,
    medium: 'indexeddb' | 'opfs',
    onEvent: (event: DownloadEvent) => void,
  ): Promise<Envelope<readonly StoredModel[]>>;
  abort(callId: string): void;
}
