import type {
  BackgroundMode,
  ChatCompletionChunk,
  ChatCompletionRequest,
  Completion,
  CompletionRequest,
  LazyLibrary,
  Sotto,
} from '../client/index.ts';

/** What the page uses of the client. A port, so that tests can put any behaviour behind it. */
export interface Engine {
  dispose(): void;
  readonly on: Sotto['on'];
  /** What answers do while the page is hidden. */
  background: BackgroundMode;
  readonly models: Pick<Sotto['models'], 'catalogue' | 'manifest' | 'stored' | 'load' | 'loadAdapter' | 'delete'> &
    Partial<LazyLibrary>;
  readonly sessions: Pick<Sotto['sessions'], 'save' | 'list' | 'delete'>;
  readonly embeddings: Pick<Sotto['embeddings'], 'load' | 'vectors'>;
  readonly retrieval: Pick<Sotto['retrieval'], 'generation' | 'read' | 'put' | 'remove' | 'search'>;
  readonly completions: {
    create(
      request: CompletionRequest & { readonly stream?: false },
      options: { readonly signal: AbortSignal },
    ): Promise<Completion>;
  };
  readonly chat: {
    readonly completions: {
      create(
        request: ChatCompletionRequest & { readonly stream: true },
        options: { readonly signal: AbortSignal },
      ): Promise<AsyncIterable<ChatCompletionChunk>>;
      countTokens(
        request: Pick<ChatCompletionRequest, 'model' | 'messages'>,
        options: { readonly signal: AbortSignal },
      ): Promise<{ readonly total_tokens: number }>;
    };
  };
}
