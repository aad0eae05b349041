import css from '../frame/frame.css?inline';
import { type AssistantEngine, listenTo, mountAssistant } from '../frame/index.ts';

let sheet: CSSStyleSheet | undefined;

/** The frame's style, whose root is the element that holds the shadow instead of the document. */
function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(hosted(css));
  }
  return sheet;
}

/** `:root[…]`, `html` and `body` → the host of the shadow tree. */
function hosted(text: string): string {
  return text
    .replace(/:root(\[[^\]]*\]|:not\([^)]*\))+/g, (match) => `:host(${match.slice(':root'.length)})`)
    .replace(/:root|(?<=^|[},\s])(html|body)(?=[\s,{])/g, ':host')
    .replace(/#widget/g, '.widget-root');
}

/**
 * Starts the assistant in `host`, which must be empty.
 * @param start makes the engine; absent: Sotto itself
 */
export async function mountInPage(
  host: HTMLElement,
  port: MessagePort,
  start?: () => Promise<AssistantEngine>,
): Promise<void> {
  const shadow = host.attachShadow({ mode: 'open', delegatesFocus: true });
  shadow.adoptedStyleSheets = [styleSheet()];
  const root = document.createElement('div');
  root.className = 'widget-root';
  shadow.append(root);
  await mountAssistant({
    root,
    page: host,
    isAlone: false,
    ...(start === undefined ? {} : { start }),
    connect: (onMessage) => {
      listenTo(port, onMessage, () => {});
      return { send: (message) => port.postMessage(message) };
    },
  });
}
