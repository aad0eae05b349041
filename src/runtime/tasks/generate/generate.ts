import type { TextGenerationRequest, TextGenerationResult } from '../../../protocol/index.ts';

/** Writes with a language model. Rejects with `task-unavailable` where none is good enough. */
export type Generate = (request: TextGenerationRequest) => Promise<TextGenerationResult>;

/** What every writing task may be told of its model. */
export interface WritingOptions {
  readonly seed: number;
  /** The least number of parameters; smaller models are refused. */
  readonly leastParameters: number;
  readonly modelId?: string | undefined;
}

/** What of a request says which model is meant. */
export function modelOf({ seed, leastParameters, modelId }: WritingOptions) {
  return { seed, leastParameters, ...(modelId === undefined ? {} : { modelId }) };
}
