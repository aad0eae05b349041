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
}

/** What the page says of a model before it is there, and how it speaks by default. */
export interface ModelManifest {
  readonly manifestVersion: 1;
  readonly id: string;
  readonly name: string;
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
  /** Bytes of memory at the default context: weights, KV cache and working space. */
  readonly memoryBytes: number;
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
  /** Address of the manifest, relative to the catalogue. */
  readonly manifest: string;
}

export type DownloadEvent =
  | { readonly type: 'download-progress'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly type: 'download-retry'; readonly attempt: number; readonly waitMs: number; readonly reason: string };

export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly storedBytes: number;
  readonly complete: boolean;
  /** `memory`: the browser offers no storage, and the model goes when the page closes. */
  readonly medium: 'indexeddb' | 'memory';
}

/** The port of the download worker: the only thread that talks to model hosts. */
export interface DownloadPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  catalogue(): Promise<Envelope<readonly CatalogueEntry[]>>;
  manifest(modelId: string): Promise<Envelope<ModelManifest>>;
  /** Fetches what is missing, verifies it, stores it; resolves when the model is complete. */
  download(callId: string, modelId: string, onEvent: (event: DownloadEvent) => void): Promise<Envelope<StoredModel>>;
  /** Throws away and fetches again the chunks whose stored bytes no longer match. */
  repair(callId: string, modelId: string, onEvent: (event: DownloadEvent) => void): Promise<Envelope<StoredModel>>;
  /** The whole model as a Blob: the way to the engine where the browser offers no storage (`medium: 'memory'`). */
  blob(modelId: string): Promise<Envelope<Blob>>;
  /** The same for a model of several files, by their paths. */
  files(modelId: string): Promise<Envelope<readonly { readonly path: string; readonly blob: Blob }[]>>;
  list(): Promise<Envelope<readonly StoredModel[]>>;
  remove(modelId: string): Promise<Envelope<null>>;
  abort(callId: string): void;
}
