import { proxy } from 'comlink';
import type { PrefillEvent, PromptPiece, SavedSession } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { chatMessages, withSystemPrompt } from '../chat-messages.ts';
import { renderPrompt } from '../generation.ts';
import type { Models } from '../models.ts';
import { onLoadedModel } from '../on-loaded-model.ts';
import type { ChatCompletionMessage, RequestOptions } from '../openai-types.ts';
import { checkOptions, invalid, SIGNAL } from '../options.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';

/** What to read and keep: the beginning of a conversation, or a text. */
export type SaveRequest = { readonly model: string; readonly name: string } & (
  | { readonly messages: readonly ChatCompletionMessage[]; readonly prompt?: undefined }
  | { readonly prompt: string; readonly messages?: undefined }
);

export interface SaveOptions extends RequestOptions {
  readonly onProgress?: ((event: PrefillEvent) => void) | undefined;
}

/** What a model has read, kept across reloads. */
export class SavedSessions {
  readonly #workers: Workers;
  readonly #models: Models;

  constructor(workers: Workers, models: Models) {
    this.#workers = workers;
    this.#models = models;
  }

  /**
   * Reads messages or a text and stores what the model made of them on this device. Any later request that begins with them
   * takes it up from there, after a reload too; `usage.prompt_tokens_details.cached_tokens` shows it. Rejects with
   * `storage-unavailable`, `storage-full`, `prompt-too-long`, `invalid-option`, or with AbortError.
   */
  async save(request: SaveRequest, options: SaveOptions = {}): Promise<SavedSession> {
    checkOptions(request, { model: 'text', name: 'text', messages: 'any', prompt: 'text' });
    checkOptions(options, { ...SIGNAL, onProgress: 'function' });
    if (request.messages !== undefined && request.prompt !== undefined) {
      throw new SottoError('invalid-option', 'Give "messages" or "prompt", not both.', {
        details: { option: 'prompt' },
      });
    }
    const { signal, onProgress } = options;
    const { model, defaults } = await this.#models.ready(request.model, signal);
    let prompt: readonly PromptPiece[];
    if (request.messages !== undefined) {
      const messages = withSystemPrompt(chatMessages(request.messages), defaults.systemPrompt);
      prompt = await renderPrompt(this.#workers, model, messages, signal, { addGenerationPrompt: false });
    } else if (typeof request.prompt === 'string') prompt = [{ kind: 'template', text: request.prompt }];
    else throw new SottoError('empty-prompt', '"messages" or "prompt" says what is to be read.');
    const onEvent = proxy((event: PrefillEvent) => onProgress?.(event));
    const { name } = request;
    return onLoadedModel(this.#models, model.id, signal, () =>
      this.#workers.inference.call(({ port, callId }) => port.saveSession({ callId, name, prompt }, onEvent), {
        signal,
        abort: abortByCallId,
      }),
    );
  }

  /** What is saved, of all models, used last first. */
  list(): Promise<readonly SavedSession[]> {
    return this.#workers.inference.call(({ port }) => port.savedSessions());
  }

  /** Deletes one; an id that is not there is no error. */
  async delete(id: string): Promise<void> {
    if (typeof id !== 'string') throw invalid('id', 'must be a text; "clear" deletes all');
    await this.#workers.inference.call(({ port }) => port.deleteSession(id));
  }

  /** Deletes all. */
  async clear(): Promise<void> {
    await this.#workers.inference.call(({ port }) => port.deleteSession(null));
  }
}
