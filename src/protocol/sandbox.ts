import type { Envelope } from './envelope.ts';
import type { CompiledGrammar, GrammarSource } from './grammar.ts';
import type { PromptPiece } from './inference.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface TemplateRequest {
  readonly template: string;
  readonly messages: readonly ChatMessage[];
  readonly bosToken: string;
  readonly eosToken: string;
  /** Control tokens that must stay text inside `content`. */
  readonly specialTokens: readonly string[];
  readonly addGenerationPrompt: boolean;
}

/** The port of the sandbox worker: untrusted programs, run where they can be terminated. The caller holds the clock. */
export interface SandboxPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  renderTemplate(request: TemplateRequest): Promise<Envelope<readonly PromptPiece[]>>;
  compileGrammar(source: GrammarSource): Promise<Envelope<CompiledGrammar>>;
}
