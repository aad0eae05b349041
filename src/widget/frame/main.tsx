import { signal } from '@preact/signals';
import { render } from 'preact';
import { Sotto } from '../../client/index.ts';
import type { WidgetSettings } from '../../protocol/index.ts';
import { chooseWords } from '../text/index.ts';
import { Assistant } from './assistant.ts';
import { ChatFrame } from './chat-frame.tsx';
import { connectHost } from './host-bridge.ts';
import './frame.css';

/** Opened on its own, the page is an assistant without a host. */
const ALONE: WidgetSettings = {
  title: null,
  welcome: null,
  placeholder: null,
  language: null,
  theme: 'auto',
  model: null,
  isClosable: false,
};

const root = document.getElementById('widget');
if (root === null) throw new Error('widget.html has no #widget');

const settings = signal<WidgetSettings>(ALONE);
const assistant = new Assistant(await Sotto.create(), (message) => host.send(message));
let hasLooked = false;
const look = () => {
  if (hasLooked) return;
  hasLooked = true;
  void assistant.look(settings.value.model);
};

const host = connectHost(window, (message) => {
  switch (message.type) {
    case 'settings':
      settings.value = message.settings;
      return look();
    case 'shown':
      return focusFirst();
    case 'send':
      return void assistant.ask(message.text);
    case 'clear':
      return assistant.clear();
    case 'context':
      assistant.hostContext = message.context;
  }
});
if (window.parent === window) look();

render(<Frame />, root);

function Frame() {
  const { language, theme } = settings.value;
  const { words, direction, language: chosen } = chooseWords([...(language ? [language] : []), ...navigator.languages]);
  document.documentElement.lang = chosen;
  document.documentElement.dir = direction;
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  return (
    <ChatFrame
      assistant={assistant}
      words={words}
      settings={settings.value}
      onClose={() => host.send({ type: 'close' })}
    />
  );
}

/** What can be done first: write, or agree to fetch the model. */
function focusFirst(): void {
  requestAnimationFrame(() => {
    const target = document.querySelector<HTMLElement>('textarea:not(:disabled), .state button');
    target?.focus();
  });
}
