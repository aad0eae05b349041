import { signal } from '@preact/signals';
import { render } from 'preact';
import { createNextPicture } from '../../app/render/index.ts';
import { Sotto } from '../../client/index.ts';
import type { WidgetFrameMessage, WidgetHostMessage, WidgetSettings } from '../../protocol/index.ts';
import { chooseWords } from '../text/index.ts';
import { Assistant, type AssistantEngine } from './assistant.ts';
import { ChatFrame } from './chat-frame.tsx';

/** Until the host says otherwise, and for good where there is none. */
const ALONE: WidgetSettings = {
  title: null,
  welcome: null,
  placeholder: null,
  language: null,
  theme: 'auto',
  model: null,
  knowledge: null,
  isClosable: false,
};

export interface MountOptions {
  /** What the assistant is drawn into. */
  readonly root: Element | ShadowRoot;
  /** What carries language, direction and theme. */
  readonly page: HTMLElement;
  /** There is no host: the assistant begins by itself, and its links open here. */
  readonly isAlone: boolean;
  readonly connect: (onMessage: (message: WidgetHostMessage) => void) => {
    send(message: WidgetFrameMessage): void;
    /** Of the page that holds this one; absent: it is this origin's own. */
    readonly origin?: string | null;
  };
  /** Absent: Sotto itself. */
  readonly start?: () => Promise<AssistantEngine>;
}

const startSotto = () => Sotto.create({ servesLocalApi: false });

/** Starts an assistant: in the widget's frame, or in a page of Sotto's own origin. */
export async function mountAssistant({
  root,
  page,
  isAlone,
  connect,
  start = startSotto,
}: MountOptions): Promise<void> {
  const settings = signal<WidgetSettings>(ALONE);
  const isPartitioned = signal(false);
  // Where the browser has no such question it keeps nothing apart.
  void document.hasStorageAccess?.().then((hasAccess) => {
    isPartitioned.value = !hasAccess;
  });
  const engine = await start();
  const tell = (message: WidgetFrameMessage) => host.send(message);
  const assistant = new Assistant(engine, tell, location.origin, () => host.origin ?? null, createNextPicture());
  let hasLooked = false;
  const look = () => {
    if (hasLooked) return;
    hasLooked = true;
    void assistant.look(settings.value.model, settings.value.knowledge);
  };
  const receive = (message: WidgetHostMessage): void => {
    switch (message.type) {
      case 'settings':
        settings.value = message.settings;
        look();
        break;
      case 'shown':
        focusFirst(root);
        break;
      case 'send':
        void assistant.ask(message.text);
        break;
      case 'clear':
        assistant.clear();
        break;
      case 'context':
        assistant.hostContext = message.context;
        break;
      case 'tools':
        assistant.tools = message.tools;
        break;
      case 'tool-result':
        assistant.actions.answered(message.id, message.isOk, message.text);
    }
  };
  const host = connect(receive);
  if (isAlone) look();

  function Frame() {
    const { language, theme } = settings.value;
    const allowed = assistant.policy.value?.languages ?? null;
    const wanted = [...(language ? [language] : []), ...navigator.languages, ...(allowed ?? [])];
    const isAllowed = (tag: string) => allowed === null || allowed.includes(tag.split('-')[0]?.toLowerCase() ?? '');
    const { words, direction, language: chosen } = chooseWords(wanted.filter(isAllowed));
    page.lang = chosen;
    page.dir = direction;
    if (theme === 'auto') delete page.dataset['theme'];
    else page.dataset['theme'] = theme;
    return (
      <ChatFrame
        assistant={assistant}
        words={words}
        settings={settings.value}
        language={chosen}
        isPartitioned={isPartitioned.value}
        onClose={() => host.send({ type: 'close' })}
        onLink={(address) => {
          if (isAlone) open(address, '_blank', 'noopener,noreferrer');
          else host.send({ type: 'link', address });
        }}
      />
    );
  }
  render(<Frame />, root);
}

/** What can be done first: write, or agree to fetch the model. */
function focusFirst(root: Element | ShadowRoot): void {
  requestAnimationFrame(() => root.querySelector<HTMLElement>('textarea:not(:disabled), .state button')?.focus());
}
