import type { Envelope } from './envelope.ts';
import type {
  Distillation,
  DistillRequest,
  EntityEvaluation,
  EntityTraining,
  EntityTrainRequest,
  ExpertArtefact,
  ExpertEvaluation,
  ExpertKeepRequest,
  ExpertKept,
  ExpertPrediction,
  ExpertTraining,
  ExpertTrainRequest,
  ExpertVersion,
  FoundName,
  LabelledRow,
  LabelledText,
  TaughtRow,
} from './experts.ts';
import type { FlowDocument, FlowEvent, FlowProblem, FlowResult, FlowRunRequest, FlowSummary } from './flows.ts';

/** Where the files of an ONNX model are: in the store, or opened by the person (paths as in a model's folder). */
export type OnnxModelSource =
  | { readonly kind: 'stored'; readonly modelId: string }
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly OnnxModelFile[] };

export interface OnnxModelFile {
  /** "config.json", "tokenizer.json", "onnx/model_quantized.onnx". */
  readonly path: string;
  readonly blob: Blob;
}

/** What an ONNX model is asked to do; names are those of transformers.js. */
export type OnnxTask =
  | 'feature-extraction'
  | 'text-classification'
  | 'token-classification'
  | 'question-answering'
  | 'fill-mask'
  | 'zero-shot-classification'
  | 'summarization'
  | 'translation'
  | 'text2text-generation'
  | 'text-generation';

export interface OnnxLoadRequest {
  readonly source: OnnxModelSource;
  readonly task: OnnxTask;
  /** Absent: WebAssembly, which is quicker for models of this size than starting a graphics device. */
  readonly device?: 'wasm' | 'webgpu';
}

/** What the page needs to know of a loaded ONNX model. Plain data. */
export interface LoadedOnnxModel {
  readonly id: string;
  readonly task: OnnxTask;
  readonly architecture: string;
  readonly device: 'wasm' | 'webgpu';
  /** Why it is not the device that was asked for: there is no graphics adapter, or it could not load the model. */
  readonly deviceReason?: 'no-adapter' | 'gpu-failed';
  readonly threads: number;
  readonly parameters: number;
  readonly fileBytes: number;
  /** SHA-256 over the hashes of its .onnx files: what an expert trained on it is tied to. */
  readonly hash: string;
  readonly loadMs: number;
}

export interface OnnxRunRequest {
  readonly modelId: string;
  readonly task: OnnxTask;
  /** Arguments of the transformers.js pipeline, the first being the text or texts. */
  readonly inputs: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Unit vectors, one after the other. */
export interface Embedded {
  readonly vectors: Float32Array;
  readonly dimensions: number;
  readonly modelId: string;
  readonly modelHash: string;
  /** Tokens read, special ones included; more than the model's limit are cut off. */
  readonly tokens: number;
}

export type TaskEvent =
  | FlowEvent
  | { readonly type: 'task-progress'; readonly done: number; readonly total: number }
  /** A model has labelled a row, of the texts or of those that a person labelled (`isChecked`). */
  | ({ readonly type: 'row-labelled'; readonly isChecked: boolean } & TaughtRow)
  | { readonly type: 'text-delta'; readonly text: string };

/** What came of many inputs, in their order. */
export interface TaskBatch {
  /** null where it failed. */
  readonly results: readonly (Readonly<Record<string, unknown>> | null)[];
  readonly failures: readonly { readonly index: number; readonly code: string; readonly message: string }[];
  /** Every model or rule that took part. */
  readonly models: readonly string[];
}

/** Everything the tasks worker can be asked, by name. */
export interface TaskJobs {
  'onnx.load': { readonly input: OnnxLoadRequest; readonly output: LoadedOnnxModel };
  'onnx.unload': { readonly input: { readonly modelId: string }; readonly output: null };
  'onnx.run': { readonly input: OnnxRunRequest; readonly output: unknown };
  'onnx.embed': {
    readonly input: { readonly modelId: string; readonly texts: readonly string[] };
    readonly output: Embedded;
  };
  /** One operation of the flows by itself: "task.entities", "task.summarise" … */
  'task.run': {
    readonly input: {
      readonly task: string;
      readonly given: Readonly<Record<string, unknown>>;
      readonly settings?: Readonly<Record<string, unknown>>;
      readonly experts?: readonly ExpertArtefact[];
      readonly seed?: number;
    };
    readonly output: Readonly<Record<string, unknown>>;
  };
  /** The same operation for each of many inputs. One that fails is told by its place, and the others are done. */
  'task.many': {
    readonly input: {
      readonly task: string;
      readonly inputs: readonly Readonly<Record<string, unknown>>[];
      readonly settings?: Readonly<Record<string, unknown>>;
      readonly experts?: readonly ExpertArtefact[];
      readonly seed?: number;
    };
    readonly output: TaskBatch;
  };
  'expert.train': { readonly input: ExpertTrainRequest; readonly output: ExpertTraining };
  'expert.predict': {
    readonly input: {
      readonly expert: ExpertArtefact | string;
      readonly texts: readonly string[];
      /** Of these, the nearest in meaning come with each prediction. */
      readonly examples?: readonly LabelledRow[];
    };
    readonly output: readonly ExpertPrediction[];
  };
  'expert.evaluate': {
    readonly input: { readonly expert: ExpertArtefact | string; readonly rows: readonly LabelledRow[] };
    readonly output: ExpertEvaluation;
  };
  'expert.distill': { readonly input: DistillRequest; readonly output: Distillation };
  'expert.train-entities': { readonly input: EntityTrainRequest; readonly output: EntityTraining };
  /** The names in each text, by an expert for names. */
  'expert.find': {
    readonly input: { readonly expert: ExpertArtefact | string; readonly texts: readonly string[] };
    readonly output: readonly (readonly FoundName[])[];
  };
  'expert.evaluate-entities': {
    readonly input: { readonly expert: ExpertArtefact | string; readonly rows: readonly LabelledText[] };
    readonly output: EntityEvaluation;
  };
  'expert.keep': { readonly input: ExpertKeepRequest; readonly output: ExpertKept };
  'expert.versions': { readonly input: { readonly id?: string }; readonly output: readonly ExpertVersion[] };
  'expert.use': { readonly input: { readonly id: string; readonly version: number }; readonly output: ExpertArtefact };
  /** The version that answers by its id: one that is kept here, else the product's. */
  'expert.get': { readonly input: { readonly id: string; readonly version?: number }; readonly output: ExpertArtefact };
  'expert.forget': { readonly input: { readonly id: string; readonly version?: number }; readonly output: null };
  /** Checks an artefact from outside; with keys, its signature too. */
  'expert.check': {
    readonly input: { readonly expert: unknown; readonly trustedKeys?: readonly string[] };
    readonly output: ExpertArtefact;
  };
  'expert.sign': {
    readonly input: { readonly expert: ExpertArtefact; readonly keys: CryptoKeyPair };
    readonly output: ExpertArtefact;
  };
  'flow.list': { readonly input: null; readonly output: readonly FlowSummary[] };
  'flow.document': { readonly input: { readonly flow: string }; readonly output: FlowDocument };
  'flow.validate': {
    readonly input: { readonly flow: string | FlowDocument; readonly experts?: readonly ExpertArtefact[] };
    readonly output: readonly FlowProblem[];
  };
  'flow.run': { readonly input: FlowRunRequest; readonly output: FlowResult };
}

/** What the tasks worker asks of the page's side: things that live in other threads. */
export interface TasksHost {
  /** Sentence vectors, from the encoder thread. The end of a text that is too long for it is left out. */
  embed(texts: readonly string[]): Promise<Envelope<Embedded>>;
  /** The same for texts cut into words: one vector a word. */
  embedWords(words: readonly (readonly string[])[]): Promise<Envelope<Embedded>>;
  /** Writes with a language model: the loaded one, or a larger one that is stored here. */
  generate(request: TextGenerationRequest, generationId: string): Promise<Envelope<TextGenerationResult>>;
  /** Ends one of them in mid-sentence; unknown ids are ignored. */
  stop(generationId: string): void;
}

export type TaskJobName = keyof TaskJobs;

/** The port of the tasks worker: ONNX models, experts and flows. Every method settles with an envelope; none rejects. */
export interface TasksPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  run<Name extends TaskJobName>(
    callId: string,
    name: Name,
    input: TaskJobs[Name]['input'],
    host: TasksHost,
    onEvent: (event: TaskEvent) => void,
  ): Promise<Envelope<TaskJobs[Name]['output']>>;
  /** Stops a call between two batches; unknown ids are ignored. */
  abort(callId: string): void;
}

/** What a task or a flow asks of the loaded language model. */
export interface TextGenerationRequest {
  readonly system?: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly seed: number;
  /** The least number of parameters that does this well; smaller models are refused. */
  readonly leastParameters?: number;
  /** A model that is meant and no other. */
  readonly modelId?: string;
  /** A JSON Schema that the answer fits: tokens that would break it are never taken. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** The answer is one of these. */
  readonly choices?: readonly string[];
  /** Say how sure the model was of its choice: costs a step of the model where labels end, so only where it is asked for. */
  readonly isWeighed?: boolean;
  /** The prompt is the beginning of a text, which is written on; no chat template. */
  readonly continues?: boolean;
  /** Absent: 0, the likeliest words. */
  readonly temperature?: number;
  /** Texts that end it. */
  readonly stop?: readonly string[];
}

export interface TextGenerationResult {
  readonly text: string;
  readonly tokens: number;
  readonly model: string;
  /** True where the limit of tokens ended it. */
  readonly isCut?: boolean;
  /** Where `isWeighed`: the model's own probability of its choice among the choices. */
  readonly confidence?: number;
}
