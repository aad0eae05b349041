import type { ChatCompletionChunk, ChatCompletionRequest, Sotto } from '../client/index.ts';

/** What the page uses of the client. A port, so that tests can put any behaviour behind it. */
export interface Engine {
  readonly models: Pick<Sotto['models'], 'catalogue' | 'manifest' | 'stored' | 'load' | 'delete'>;
  readonly onnx: Pick<Sotto['onnx'], 'load' | 'embed'>;
  readonly retrieval: Pick<Sotto['retrieval'], 'generation' | 'read' | 'put' | 'remove' | 'search'>;
  readonly chat: {
    readonly completions: {
      create(
        request: ChatCompletionRequest & { readonly stream: true },
        options: { readonly signal: AbortSignal },
      ): Promise<AsyncIterable<ChatCompletionChunk>>;
    };
  };
}
