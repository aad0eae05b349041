import { SottoError } from '../../shared/index.ts';
import type { ChatCompletions } from '../chat-completions.ts';
import type { ChatCompletionMessage, ChatCompletionRequest, DroppedMessages, RequestOptions } from '../openai-types.ts';
import { checkOptions, SIGNAL } from '../options.ts';
import { CHAT_FIELDS, checkFields } from '../request-fields.ts';

/** How a conversation speaks: everything a chat request may say but its messages. */
export type ConversationOptions = Omit<ChatCompletionRequest, 'messages' | 'stream' | 'n' | 'stream_options'> & {
  readonly messages?: readonly ChatCompletionMessage[];
};

export interface TurnOptions extends RequestOptions {
  /** Told the answer's text as it is written. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Told what the model could not read any more, where `context_policy` allows that: all until now, at each loss. */
  readonly onDropped?: ((dropped: DroppedMessages) => void) | undefined;
}

/** A history and the model that continues it. One turn at a time. */
export class Conversation {
  readonly #completions: ChatCompletions;
  readonly #options: Omit<ConversationOptions, 'messages'>;
  #messages: readonly ChatCompletionMessage[];
  #isBusy = false;

  /** @internal `sotto.sessions.create` makes one. */
  constructor(completions: ChatCompletions, given: ConversationOptions) {
    checkFields(given, CHAT_FIELDS);
    const { messages = [], ...options } = given;
    if (!Array.isArray(messages)) throw invalid('messages', 'must be a list');
    for (const name of ['stream', 'stream_options', 'n']) {
      if (name in options) throw invalid(name, 'a conversation is streamed, and has one answer a turn');
    }
    this.#completions = completions;
    this.#options = options;
    this.#messages = [...messages];
  }

  get messages(): readonly ChatCompletionMessage[] {
    return this.#messages;
  }

  /** Says something and resolves with the answer. A turn that fails leaves the history as it was; an abort keeps what was written. */
  send(content: string, options: TurnOptions = {}): Promise<string> {
    return this.#answer([...this.#messages, { role: 'user', content }], options);
  }

  /** Writes the last answer anew; with another seed, unless one was set. */
  regenerate(options: TurnOptions = {}): Promise<string> {
    return this.#answer(this.#messages.slice(0, this.#lastQuestion() + 1), options);
  }

  /** Replaces a message of the user and answers it; what came after it is dropped. */
  edit(index: number, content: string, options: TurnOptions = {}): Promise<string> {
    if (this.#messages[index]?.role !== 'user') throw invalid('index', `message ${index} is not the user’s`);
    return this.#answer([...this.#messages.slice(0, index), { role: 'user', content }], options);
  }

  /** Another conversation that begins like this one; `length` messages of it, or all. Nothing is read again. */
  fork(length = this.#messages.length): Conversation {
    if (!Number.isInteger(length) || length < 0) throw invalid('length', 'must be a whole number');
    return new Conversation(this.#completions, { ...this.#options, messages: this.#messages.slice(0, length) });
  }

  #lastQuestion(): number {
    const index = this.#messages.findLastIndex(({ role }) => role === 'user');
    if (index === -1) throw new SottoError('empty-prompt', 'Nothing has been said yet.');
    return index;
  }

  async #answer(messages: readonly ChatCompletionMessage[], options: TurnOptions): Promise<string> {
    checkOptions(options, { ...SIGNAL, onText: 'function', onDropped: 'function' });
    const { signal, onText, onDropped } = options;
    if (this.#isBusy) throw invalid('conversation', 'a turn is being answered already');
    this.#isBusy = true;
    try {
      const request = { ...this.#options, messages: [...messages], stream: true as const };
      let content = '';
      for await (const { choices, dropped } of await this.#completions.create(request, { signal })) {
        if (dropped) onDropped?.(dropped);
        const text = choices[0]?.delta.content ?? '';
        content += text;
        if (text !== '') onText?.(text);
      }
      this.#messages = [...messages, { role: 'assistant', content }];
      return content;
    } finally {
      this.#isBusy = false;
    }
  }
}

function invalid(option: string, problem: string): SottoError {
  return new SottoError('invalid-option', `"${option}": ${problem}.`, { details: { option } });
}
