/** Types of `<sotto-chat>` for pages in TypeScript: `/// <reference path="./widget.d.ts" />`. */

type SottoChatMode = 'bubble' | 'panel' | 'inline' | 'page';

type SottoState = 'asking' | 'fetching' | 'ready' | 'answering' | 'failed' | 'blocked' | 'unsupported';

/** An action of the page. It runs only after the person has seen name and arguments and said yes, each time. */
interface SottoTool {
  /** Letters, digits, "-", "_"; 64 at most. */
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of an object; absent: no arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly run: (given: Readonly<Record<string, unknown>>) => unknown;
}

/** What the page is about; the assistant treats all of it as data. */
interface SottoContext {
  readonly text?: string | null;
  readonly selection?: string | null;
  readonly fields?: Readonly<Record<string, string>>;
}

interface SottoMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

interface SottoChatElement extends HTMLElement {
  mode: SottoChatMode;
  welcome: string | null;
  placeholder: string | null;
  /** auto, light, dark */
  theme: string | null;
  /** An id of the site's catalogue; null: its first. */
  model: string | null;
  /** Address of a knowledge pack; null: those of the site's policy. */
  knowledge: string | null;
  /** frame, page */
  embed: string | null;
  readonly isOpen: boolean;
  /** What was said; null where the site's policy does not let the page know. */
  readonly messages: readonly SottoMessage[] | null;
  /** Shows the conversation. May be assigned to, as frameworks do with attributes: `open = true`. */
  get open(): () => void;
  set open(isOpen: unknown);
  close(): void;
  toggle(): void;
  send(text: string): void;
  clear(): void;
  setContext(context: SottoContext | null): void;
  /** Returns the function that takes it back. */
  registerTool(tool: SottoTool): () => void;
}

interface SottoChatEventMap {
  'sotto-open': CustomEvent<null>;
  'sotto-close': CustomEvent<null>;
  'sotto-ready': CustomEvent<null>;
  'sotto-state': CustomEvent<{ readonly state: SottoState }>;
  /** `text` only where the site's policy lets pages read along. */
  'sotto-message': CustomEvent<{
    readonly role: 'user' | 'assistant';
    readonly characters: number;
    readonly text?: string;
  }>;
  'sotto-delta': CustomEvent<{ readonly text: string }>;
  /** Cancelled, nothing opens: the page may lead there in its own way. */
  'sotto-link': CustomEvent<{ readonly address: string }>;
  'sotto-error': CustomEvent<{ readonly code: string; readonly message: string }>;
}

interface HTMLElementTagNameMap {
  'sotto-chat': SottoChatElement;
}

/** They bubble, so that a page may listen at any place above the element. */
interface HTMLElementEventMap extends SottoChatEventMap {}

interface DocumentEventMap extends SottoChatEventMap {}
