import type { WidgetConnect, WidgetFrameMessage, WidgetHostMessage } from '../../protocol/index.ts';

/** How long a frame may take to greet: a server that refuses to be framed never does. */
const GREETING_MS = 20_000;

export interface LinkOptions {
  /** Where the widget's files lie. */
  readonly base: URL;
  readonly title: string;
  readonly onMessage: (message: WidgetFrameMessage) => void;
  /** Nobody answered: wrong address, a policy that forbids framing, no network. */
  readonly onUnreachable: () => void;
}

/** The widget's frame and the one port to it. What is sent before they have met waits. */
export class FrameLink {
  readonly node: HTMLIFrameElement;
  readonly #channel = new MessageChannel();
  readonly #waiting: WidgetHostMessage[] = [];
  #isConnected = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ base, title, onMessage, onUnreachable }: LinkOptions) {
    const address = new URL('widget.html', base);
    const { port1: port, port2 } = this.#channel;
    port.onmessage = ({ data }: MessageEvent<WidgetFrameMessage>) => {
      if (data.type === 'connected') {
        clearTimeout(this.#timer);
        this.#isConnected = true;
        for (const message of this.#waiting.splice(0)) port.postMessage(message);
      }
      onMessage(data);
    };
    const frame = document.createElement('iframe');
    frame.title = title;
    frame.src = address.href;
    frame.setAttribute('part', 'frame');
    frame.referrerPolicy = 'no-referrer';
    // Threads need a page that is isolated as a whole; where the host is not, the frame says that it is slower.
    frame.allow = 'cross-origin-isolated';
    frame.addEventListener(
      'load',
      () => {
        const connect: WidgetConnect = { type: 'sotto-widget-connect', version: 1 };
        frame.contentWindow?.postMessage(connect, address.origin, [port2]);
        this.#timer = setTimeout(onUnreachable, GREETING_MS);
      },
      { once: true },
    );
    this.node = frame;
  }

  send(message: WidgetHostMessage): void {
    if (this.#isConnected) this.#channel.port1.postMessage(message);
    else this.#waiting.push(message);
  }

  focus(): void {
    this.node.focus();
  }

  label(title: string): void {
    this.node.title = title;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#channel.port1.close();
    this.node.remove();
  }
}
