import { SottoEmbeddingModel } from './sotto-embedding-model.ts';
import { type AiSdkEngine, SottoLanguageModel } from './sotto-language-model.ts';

/** Gives models by their ids: `provider('smollm2-135m-instruct')`. */
export interface SottoProvider {
  (modelId: string): SottoLanguageModel;
  languageModel(modelId: string): SottoLanguageModel;
  /** `all-minilm-l6-v2`, for example. */
  embeddingModel(modelId: string): SottoEmbeddingModel;
}

/** The models of a Sotto for the AI SDK. Load the model first: the SDK has no way to show a download. */
export function createSottoProvider(engine: AiSdkEngine): SottoProvider {
  const languageModel = (modelId: string) => new SottoLanguageModel(engine, modelId);
  const embeddingModel = (modelId: string) => new SottoEmbeddingModel(engine.embeddings, modelId);
  return Object.assign((modelId: string) => languageModel(modelId), { languageModel, embeddingModel });
}
