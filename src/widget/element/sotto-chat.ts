import type { WidgetContext, WidgetFrameMessage, WidgetSettings, WidgetState } from '../../protocol/index.ts';
import { elementStyle } from './element-style.ts';
import { FrameLink } from './frame-link.ts';
import { launcherWords } from './launcher-words.ts';

/** Events of the element by name, with what their `detail` holds. Words of a conversation are in none of them. */
export interface SottoChatEvents {
  'sotto-open': null;
  'sotto-close': null;
  /** The model can answer. */
  'sotto-ready': null;
  'sotto-state': { readonly state: WidgetState };
  'sotto-message': { readonly role: 'user' | 'assistant'; readonly characters: number };
  'sotto-error': { readonly code: string; readonly message: string };
}

export type SottoChatMode = 'bubble' | 'panel' | 'inline' | 'page';

const MODES: readonly string[] = ['bubble', 'panel', 'inline', 'page'];
const SETTINGS = ['title', 'welcome', 'placeholder', 'lang', 'theme', 'model'] as const;

/** Characters of page text that a host may hand over; the frame has the last word. */
const MOST_CONTEXT = 100_000;

/**
 * `<sotto-chat>`: an assistant that runs on the visitor's own device.
 *
 * Attributes: `mode` (bubble, panel, inline, page), `open`, `title`, `welcome`, `placeholder`, `lang`, `theme` (auto, light,
 * dark), `model` (an id of the site's catalogue). Nothing but this element is loaded before it is first opened.
 */
export class SottoChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'mode', ...SETTINGS];
  readonly #base: URL;
  readonly #launcher: HTMLButtonElement;
  readonly #panel: HTMLDivElement;
  #link: FrameLink | undefined;
  #context: WidgetContext | undefined;
  #state: WidgetState | undefined;
  #lastFocused: Element | null = null;

  constructor(base: URL) {
    super();
    this.#base = base;
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [elementStyle()];
    this.#launcher = document.createElement('button');
    this.#launcher.type = 'button';
    this.#launcher.className = 'launcher';
    this.#launcher.setAttribute('part', 'launcher');
    this.#launcher.setAttribute('aria-haspopup', 'dialog');
    this.#launcher.append(seal());
    this.#launcher.addEventListener('click', () => this.open());
    this.#panel = document.createElement('div');
    this.#panel.className = 'panel';
    this.#panel.setAttribute('part', 'panel');
    root.append(this.#launcher, this.#panel);
  }

  connectedCallback(): void {
    this.#show();
  }

  disconnectedCallback(): void {
    // A frame that is taken out of a page has lost its document: the next one starts anew.
    this.#link?.close();
    this.#link = undefined;
    this.#panel.replaceChildren();
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (name === 'open' || name === 'mode') this.#show();
    else {
      this.#label();
      this.#link?.send({ type: 'settings', settings: this.#settings });
    }
  }

  get mode(): SottoChatMode {
    const mode = this.getAttribute('mode') ?? 'bubble';
    return (MODES.includes(mode) ? mode : 'bubble') as SottoChatMode;
  }

  /** Whether the conversation is to be seen. Inline and on a page of its own it always is. */
  get isOpen(): boolean {
    return this.hasAttribute('open') || this.mode === 'inline' || this.mode === 'page';
  }

  open(): void {
    this.toggleAttribute('open', true);
  }

  close(): void {
    this.toggleAttribute('open', false);
  }

  toggle(): void {
    this.toggleAttribute('open', !this.hasAttribute('open'));
  }

  /** Asks in the person's name, and opens. */
  send(text: string): void {
    this.open();
    this.#link?.send({ type: 'send', text: String(text) });
  }

  /** Forgets the conversation. */
  clear(): void {
    this.#link?.send({ type: 'clear' });
  }

  /** Tells the assistant what the page is about; it treats all of it as data. Null forgets it. */
  setContext(context: Partial<WidgetContext> | null): void {
    const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, MOST_CONTEXT) : null);
    const fields = Object.entries(context?.fields ?? {}).map(([name, value]) => [String(name), text(value) ?? '']);
    this.#context = {
      text: text(context?.text),
      selection: text(context?.selection),
      fields: Object.fromEntries(fields),
    };
    this.#link?.send({ type: 'context', context: this.#context });
  }

  get #words() {
    return launcherWords([this.lang, this.ownerDocument.documentElement.lang, ...navigator.languages].filter(Boolean));
  }

  get #settings(): WidgetSettings {
    const theme = this.getAttribute('theme');
    return {
      title: this.getAttribute('title'),
      welcome: this.getAttribute('welcome'),
      placeholder: this.getAttribute('placeholder'),
      language: this.lang || this.ownerDocument.documentElement.lang || null,
      theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
      model: this.getAttribute('model'),
      isClosable: this.mode === 'bubble' || this.mode === 'panel',
    };
  }

  #label(): void {
    const title = this.getAttribute('title') ?? this.#words.title;
    this.#launcher.setAttribute('aria-label', this.#words.open);
    this.#panel.setAttribute('aria-label', title);
    if (this.#link) this.#link.frame.title = title;
  }

  #show(): void {
    this.#label();
    const isDialog = this.mode === 'bubble' || this.mode === 'panel';
    this.#panel.setAttribute('role', isDialog ? 'dialog' : 'region');
    this.#launcher.hidden = !isDialog || this.isOpen;
    this.#launcher.setAttribute('aria-expanded', String(this.isOpen));
    const wasOpen = this.#panel.hasAttribute('data-open');
    this.#panel.toggleAttribute('data-open', this.isOpen);
    if (this.isOpen && !wasOpen) this.#opened(isDialog);
    if (!this.isOpen && wasOpen) this.#closed();
  }

  #opened(isDialog: boolean): void {
    this.#lastFocused = this.ownerDocument.activeElement;
    if (this.#link === undefined) this.#connect(isDialog);
    this.#link?.send({ type: 'shown' });
    if (isDialog) this.#link?.frame.focus();
    this.#tell('sotto-open', null);
  }

  #closed(): void {
    const isOurs = this.#lastFocused === null || this.#lastFocused === this || this.#lastFocused === document.body;
    if (isOurs) this.#launcher.focus();
    else (this.#lastFocused as HTMLElement).focus();
    this.#tell('sotto-close', null);
  }

  #connect(isDialog: boolean): void {
    const link = new FrameLink({
      address: new URL('widget.html', this.#base),
      title: this.getAttribute('title') ?? this.#words.title,
      onMessage: (message) => this.#received(message),
      onUnreachable: () =>
        this.#tell('sotto-error', { code: 'widget-unreachable', message: 'The assistant’s page did not answer.' }),
    });
    this.#link = link;
    // Whoever tabs out of the dialog at either end comes in again at the other.
    this.#panel.replaceChildren(...(isDialog ? [guard(link.frame), link.frame, guard(link.frame)] : [link.frame]));
    link.send({ type: 'settings', settings: this.#settings });
    if (this.#context) link.send({ type: 'context', context: this.#context });
  }

  #received(message: WidgetFrameMessage): void {
    if (message.type === 'close') this.close();
    else if (message.type === 'error') this.#tell('sotto-error', { code: message.code, message: message.message });
    else if (message.type === 'message') {
      this.#tell('sotto-message', { role: message.role, characters: message.characters });
    } else if (message.type === 'state') {
      const before = this.#state;
      this.#state = message.state;
      this.#tell('sotto-state', { state: message.state });
      if (message.state === 'ready' && before !== 'answering') this.#tell('sotto-ready', null);
    }
  }

  #tell<Name extends keyof SottoChatEvents>(name: Name, detail: SottoChatEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** A stop for the Tab key that leads back into the frame. */
function guard(frame: HTMLIFrameElement): HTMLElement {
  const stop = document.createElement('div');
  stop.tabIndex = 0;
  stop.addEventListener('focus', () => frame.focus());
  return stop;
}

/** The open circle: drawn, not loaded, so that no host policy for images stands against it. */
function seal(): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', 'M19.5 8.5A8.25 8.25 0 1 0 20.2 13');
  for (const [name, value] of [
    ['fill', 'none'],
    ['stroke', 'currentColor'],
    ['stroke-width', '2.25'],
    ['stroke-linecap', 'round'],
  ] as const) {
    path.setAttribute(name, value);
  }
  svg.append(path);
  return svg;
}
