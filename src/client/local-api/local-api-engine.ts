import type { ChatCompletions } from '../chat-completions.ts';
import type { Embeddings } from '../embeddings.ts';
import type { Models } from '../models.ts';
import type { Completions } from '../text-completions.ts';

/** What answers calls: the library's own client. */
export interface LocalApiEngine {
  readonly models: Pick<Models, 'list' | 'retrieve' | 'load' | 'loaded'>;
  readonly chat: { readonly completions: Pick<ChatCompletions, 'create'> };
  readonly completions: Pick<Completions, 'create'>;
  readonly embeddings: Pick<Embeddings, 'create'>;
}

/** Where the response to one call goes. */
export interface CallResponse {
  head(status: number, contentType: string): void;
  text(text: string): void;
  end(): void;
}
