import type { WidgetFrameMessage, WidgetHostMessage } from '../../protocol/index.ts';
import type { LinkOptions } from './frame-link.ts';

/** What /widget-in-page.js exports. */
interface InPageModule {
  mountInPage(host: HTMLElement, port: MessagePort): Promise<void>;
}

/**
 * The assistant in the page itself, behind a shadow root: for pages of Sotto's own origin, where a frame would keep nothing
 * apart. It speaks through the same port and the same checks as a frame does.
 */
export class PageLink {
  readonly node: HTMLElement = document.createElement('div');
  readonly #channel = new MessageChannel();
  #isClosed = false;

  constructor({ base, title, onMessage, onUnreachable }: LinkOptions) {
    const { port1: port, port2 } = this.#channel;
    port.onmessage = ({ data }: MessageEvent<WidgetFrameMessage>) => onMessage(data);
    this.node.className = 'in-page';
    this.node.tabIndex = -1;
    this.label(title);
    const address = new URL('widget-in-page.js', base).href;
    const load = import(/* @vite-ignore */ address) as Promise<InPageModule>;
    // An element that was taken out of the page before all was there needs no assistant, and no word on why there is none.
    const mount = async () => {
      const { mountInPage } = await load;
      if (!this.#isClosed) await mountInPage(this.node, port2);
    };
    mount().catch(() => {
      if (!this.#isClosed) onUnreachable();
    });
  }

  /** A port keeps what comes before anyone listens. */
  send(message: WidgetHostMessage): void {
    this.#channel.port1.postMessage(message);
  }

  focus(): void {
    const inside = this.node.shadowRoot?.querySelector<HTMLElement>('textarea:not(:disabled), button');
    (inside ?? this.node).focus();
  }

  label(title: string): void {
    this.node.setAttribute('aria-label', title);
  }

  close(): void {
    this.#isClosed = true;
    this.#channel.port1.close();
    this.node.remove();
  }
}
