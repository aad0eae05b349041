import type { Envelope } from './envelope.ts';
import type { CompiledGrammar, GrammarSource } from './grammar.ts';
import type { PromptPiece } from './inference.ts';

/** A value as JSON writes it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /**
   * What else templates read of a message, by the API's own names: `tool_calls`, `tool_call_id`, `name`,
   * `reasoning_content`. Arguments of calls may be objects or JSON text; each template gets the kind it is written for.
   */
  readonly fields?: JsonObject;
}

/** What a template may be given besides the messages. */
export interface TemplateInputs {
  /** Tools as the OpenAI API writes them: `{ type: 'function', function: { name, description, parameters } }`. */
  readonly tools?: readonly JsonObject[];
  /** Texts to answer from, by the names the template reads: mostly `title` and `text`. */
  readonly documents?: readonly JsonObject[];
  /** Further variables by name (`enable_thinking`): what servers call `chat_template_kwargs`. */
  readonly variables?: JsonObject;
}

export interface TemplateRequest extends TemplateInputs {
  readonly template: string;
  readonly messages: readonly ChatMessage[];
  readonly bosToken: string;
  readonly eosToken: string;
  /** Control tokens that must stay text inside all that people and tools wrote. */
  readonly specialTokens: readonly string[];
  readonly addGenerationPrompt: boolean;
}

/** The port of the sandbox worker: untrusted programs, run where they can be terminated. The caller holds the clock. */
export interface SandboxPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  renderTemplate(request: TemplateRequest): Promise<Envelope<readonly PromptPiece[]>>;
  compileGrammar(source: GrammarSource): Promise<Envelope<CompiledGrammar>>;
}
