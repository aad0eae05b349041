import type { WidgetContext, WidgetFrameMessage, WidgetSettings, WidgetState } from '../../protocol/index.ts';
import { elementStyle } from './element-style.ts';
import { FrameLink } from './frame-link.ts';
import { type LauncherWords, launcherWords } from './launcher-words.ts';
import { PageActions, type SottoTool } from './page-actions.ts';
import { PageLink } from './page-link.ts';

/**
 * Events of the element by name, with what their `detail` holds. Words of a conversation are in none of them, unless the site's
 * policy lets pages read along.
 */
export interface SottoChatEvents {
  'sotto-open': null;
  'sotto-close': null;
  /** The model can answer. */
  'sotto-ready': null;
  'sotto-state': { readonly state: WidgetState };
  'sotto-message': { readonly role: 'user' | 'assistant'; readonly characters: number; readonly text?: string };
  /** A piece of an answer; only where the site's policy lets pages read along. */
  'sotto-delta': { readonly text: string };
  /** The person wants to see a page. Cancelled, nothing opens: the page may lead there in its own way. */
  'sotto-link': { readonly address: string };
  'sotto-error': { readonly code: string; readonly message: string };
}

export type SottoChatMode = 'bubble' | 'panel' | 'inline' | 'page';

const MODES: readonly string[] = ['bubble', 'panel', 'inline', 'page'];
const SETTINGS = ['title', 'welcome', 'placeholder', 'lang', 'theme', 'model', 'knowledge'] as const;
/** Attributes that are properties too; `title` and `lang` are so in every element. */
const REFLECTED = ['welcome', 'placeholder', 'theme', 'model', 'knowledge', 'embed'] as const;
/** A page may tell the context at every change of a selection: what comes faster is told once, with its last state. */
const CONTEXT_MS = 100;

/** What was said, where the policy lets the page know. */
export interface SottoMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** Characters of page text that a host may hand over; the frame has the last word. */
const MOST_CONTEXT = 100_000;

/**
 * `<sotto-chat>`: an assistant that runs on the visitor's own device.
 *
 * Attributes, each a property of the same name too: `mode` (bubble, panel, inline, page), `open`, `title`, `welcome`,
 * `placeholder`, `lang`, `theme` (auto, light, dark), `model` (an id of the site's catalogue), `knowledge` (address of a pack),
 * `embed` (frame, page). Slots: `header`,
 * `consent` (until the person has agreed to the download), `welcome` (until something was said). Nothing but this element is
 * loaded before it is first opened.
 */
export class SottoChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'mode', ...SETTINGS];
  static {
    for (const name of REFLECTED) {
      Object.defineProperty(SottoChat.prototype, name, {
        configurable: true,
        enumerable: true,
        get(this: SottoChat) {
          return this.getAttribute(name);
        },
        set(this: SottoChat, value: unknown) {
          this.#reflect(name, value);
        },
      });
    }
  }
  declare welcome: string | null;
  declare placeholder: string | null;
  declare theme: string | null;
  declare model: string | null;
  declare knowledge: string | null;
  /** `frame` (default), or `page`: without a frame, on pages of Sotto's own origin. */
  declare embed: string | null;
  readonly #base: URL;
  readonly #launcher: HTMLButtonElement;
  readonly #panel: HTMLDivElement;
  readonly #content: HTMLDivElement;
  readonly #slots: Readonly<Record<'header' | 'consent' | 'welcome', HTMLSlotElement>>;
  readonly #note: HTMLParagraphElement;
  readonly #actions = new PageActions(
    (message) => this.#link?.send(message),
    () => this.#link !== undefined,
  );
  #messages: SottoMessage[] | null = null;
  #link: FrameLink | PageLink | undefined;
  #context: WidgetContext | undefined;
  #contextTimer: ReturnType<typeof setTimeout> | undefined;
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
    this.#slots = { header: slot('header'), consent: slot('consent'), welcome: slot('welcome') };
    this.#note = document.createElement('p');
    this.#note.className = 'note';
    this.#note.setAttribute('part', 'note');
    this.#note.setAttribute('role', 'alert');
    this.#note.hidden = true;
    this.#content = document.createElement('div');
    this.#content.className = 'content';
    const { header, consent, welcome } = this.#slots;
    consent.hidden = true;
    this.#panel.append(header, consent, welcome, this.#note, this.#content);
    root.append(this.#launcher, this.#panel);
  }

  connectedCallback(): void {
    // What a framework set before this script was there lies over the properties: it goes through them now.
    for (const name of ['mode', 'open', ...REFLECTED] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete (this as Record<string, unknown>)[name];
      Object.assign(this, { [name]: value });
    }
    this.#show();
  }

  disconnectedCallback(): void {
    // A frame that is taken out of a page has lost its document: the next one starts anew.
    this.#link?.close();
    this.#link = undefined;
    this.#content.replaceChildren();
    this.#panel.removeAttribute('data-open');
    this.#messages = null;
    this.#slots.welcome.hidden = false;
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

  set mode(mode: SottoChatMode) {
    this.#reflect('mode', mode);
  }

  /** Shows the conversation. Assigned to, as frameworks do with attributes, it is the attribute: `open = true`. */
  get open(): () => void {
    return () => void this.toggleAttribute('open', true);
  }

  set open(isOpen: unknown) {
    this.toggleAttribute('open', isOpen === '' || Boolean(isOpen));
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
    this.#tellContext();
    this.#link?.send({ type: 'send', text: String(text) });
  }

  /** Forgets the conversation. */
  clear(): void {
    this.#link?.send({ type: 'clear' });
  }

  /** What was said, oldest first; null where the site's policy does not let the page know. */
  get messages(): readonly SottoMessage[] | null {
    return this.#messages === null ? null : [...this.#messages];
  }

  /**
   * Offers an action of the page to the model. It runs only after the person has seen name and arguments and said yes, each time.
   * A later one of the same name takes its place. Returns the function that takes it back.
   */
  registerTool(tool: SottoTool): () => void {
    return this.#actions.register(tool);
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
    this.#contextTimer ??= setTimeout(() => this.#tellContext(), CONTEXT_MS);
  }

  #tellContext(): void {
    clearTimeout(this.#contextTimer);
    this.#contextTimer = undefined;
    if (this.#context) this.#link?.send({ type: 'context', context: this.#context });
  }

  #reflect(name: string, value: unknown): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  get #words(): LauncherWords {
    return launcherWords([this.lang, this.ownerDocument.documentElement.lang, ...navigator.languages].filter(Boolean));
  }

  /** What the page calls the assistant; empty where it does not say. */
  get #givenTitle(): string {
    return this.getAttribute('title')?.trim() ?? '';
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
      knowledge: this.getAttribute('knowledge'),
      isClosable: this.mode === 'bubble' || this.mode === 'panel',
    };
  }

  #label(): void {
    const given = this.#givenTitle;
    const { title: usual, open, openNamed } = this.#words;
    const title = given || usual;
    this.#launcher.setAttribute('aria-label', given === '' ? open : openNamed(given));
    this.#panel.setAttribute('aria-label', title);
    this.#link?.label(title);
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
    if (isDialog) this.#link?.focus();
    this.#tell('sotto-open', null);
  }

  #closed(): void {
    const isOurs = this.#lastFocused === null || this.#lastFocused === this || this.#lastFocused === document.body;
    if (isOurs) this.#launcher.focus();
    else (this.#lastFocused as HTMLElement).focus();
    this.#tell('sotto-close', null);
  }

  #connect(isDialog: boolean): void {
    // A sandbox without allow-same-origin has no origin: no thread starts and nothing can be kept, in a frame of its own either.
    if (globalThis.origin === 'null') {
      this.#explain('sandboxed', 'widget-sandboxed');
      return;
    }
    const options = {
      base: this.#base,
      title: this.#givenTitle || this.#words.title,
      onMessage: (message: WidgetFrameMessage) => this.#received(message),
      onUnreachable: () => this.#explain('unreachable', 'widget-unreachable'),
    };
    const isInPage = this.getAttribute('embed') === 'page' && this.#base.origin === location.origin;
    const link = isInPage ? new PageLink(options) : new FrameLink(options);
    this.#link = link;
    this.#note.hidden = true;
    // Whoever tabs out of the dialog at either end comes in again at the other.
    this.#content.replaceChildren(...(isDialog ? [guard(link), link.node, guard(link)] : [link.node]));
    link.send({ type: 'settings', settings: this.#settings });
    this.#tellContext();
    this.#actions.offer();
  }

  /** Says in the panel why there is no assistant, and tells the page. */
  #explain(reason: 'sandboxed' | 'unreachable', code: string): void {
    this.#note.textContent = this.#words[reason];
    this.#note.hidden = false;
    this.#tell('sotto-error', { code, message: this.#words[reason] });
  }

  #received(message: WidgetFrameMessage): void {
    switch (message.type) {
      case 'close':
        this.close();
        return;
      case 'error':
        return void this.#tell('sotto-error', { code: message.code, message: message.message });
      case 'message': {
        const { role, characters, text } = message;
        this.#slots.welcome.hidden = true;
        if (text !== undefined) this.#messages = [...(this.#messages ?? []), { role, text }];
        return void this.#tell('sotto-message', { role, characters, ...(text === undefined ? {} : { text }) });
      }
      case 'delta':
        return void this.#tell('sotto-delta', { text: message.text });
      case 'cleared':
        if (this.#messages !== null) this.#messages = [];
        this.#slots.welcome.hidden = false;
        return;
      case 'tool-call':
        return void this.#actions.run(message);
      case 'link':
        this.#follow(message.address);
        return;
      case 'state': {
        const before = this.#state;
        this.#state = message.state;
        this.#slots.consent.hidden = message.state !== 'asking';
        this.#tell('sotto-state', { state: message.state });
        if (message.state === 'ready' && before !== 'answering') this.#tell('sotto-ready', null);
      }
    }
  }

  #follow(address: string): void {
    if (!/^https?:/.test(address)) return;
    const isWanted = this.#tell('sotto-link', { address });
    if (isWanted) this.ownerDocument.defaultView?.open(address, '_blank', 'noopener,noreferrer');
  }

  /** @returns False where a listener cancelled it. */
  #tell<Name extends keyof SottoChatEvents>(name: Name, detail: SottoChatEvents[Name]): boolean {
    const isCancelable = name === 'sotto-link';
    return this.dispatchEvent(
      new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: isCancelable }),
    );
  }
}

/** A stop for the Tab key that leads back into the frame. */
function guard(link: { focus(): void }): HTMLElement {
  const stop = document.createElement('div');
  stop.tabIndex = 0;
  stop.addEventListener('focus', () => link.focus());
  return stop;
}

function slot(name: string): HTMLSlotElement {
  const made = document.createElement('slot');
  made.name = name;
  return made;
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
