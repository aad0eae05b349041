import type { FlowType, OnnxTask, TextGenerationRequest, TextGenerationResult } from '../../protocol/index.ts';
import type { Embedder, LoadedExpert } from '../experts/index.ts';
import type { LoadedPipeline } from '../tasks/onnx/index.ts';

/** What an operation may use besides its arguments. */
export interface OperationContext {
  readonly signal: AbortSignal;
  readonly seed: number;
  /** Rejects with `task-unavailable` where no embedding model is there. */
  readonly embedder: () => Promise<Embedder>;
  /** Rejects with `task-unavailable` where the expert is not known. */
  readonly expert: (id: string) => LoadedExpert;
  /** Writes text with the loaded language model; rejects with `task-unavailable` where none is good enough. */
  readonly generate: (request: TextGenerationRequest, signal?: AbortSignal) => Promise<TextGenerationResult>;
  /** A transformers.js pipeline that is loaded for a task, or undefined. */
  readonly pipeline?: (task: OnnxTask) => LoadedPipeline | undefined;
}

/** What flows get from the thread they run in. */
export interface FlowTools {
  readonly embedder: () => Promise<Embedder>;
  readonly generate: (request: TextGenerationRequest, signal?: AbortSignal) => Promise<TextGenerationResult>;
  /** An expert that is kept in this browser, or undefined; it comes before the product's. */
  readonly keptExpert?: (id: string) => Promise<unknown>;
  readonly pipeline?: NonNullable<OperationContext['pipeline']>;
}

export interface Argument {
  readonly type: FlowType;
  readonly isOptional?: boolean;
}

/** One kind of node: what it takes, what it gives, what it does. */
export interface Operation {
  readonly arguments: Readonly<Record<string, Argument>>;
  /** The parts of its result. Names that are not listed cannot be taken along an edge, unless the list is open. */
  readonly result: Readonly<Record<string, FlowType>> & { readonly '*'?: 'any' };
  /** The argument whose sentence vector it asks for: of many inputs they are computed together. */
  readonly embeds?: string;
  /** Says what is wrong with the settings, or nothing. */
  readonly check?: (settings: Settings) => string | undefined;
  readonly run: (
    given: Readonly<Record<string, unknown>>,
    settings: Settings,
    context: OperationContext,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

export type Settings = Readonly<Record<string, unknown>>;

export type Operations = Readonly<Record<string, Operation>>;

/** Thrown by `human`: the flow stops here until a person answers. */
export class WaitsForPerson {
  readonly request: Readonly<Record<string, unknown>>;
  constructor(request: Readonly<Record<string, unknown>>) {
    this.request = request;
  }
}
