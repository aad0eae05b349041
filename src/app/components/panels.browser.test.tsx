import { signal } from '@preact/signals';
import { render, type VNode } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import { OPEN_POLICY } from '../../policy/index.ts';
import { type App, AppProvider } from '../app-context.ts';
import { ModelsPage } from '../models-page/index.ts';
import { chatOf, counting } from '../state/chat.kit.ts';
import { testManifest, testReadyModel } from '../state/engine.kit.ts';
import type { ModelState } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { ChatList } from './chat-list.tsx';
import { ModelPanel } from './model-panel.tsx';

const root = document.createElement('div');
document.body.append(root);
afterEach(() => render(null, root));

/** Shows a part of the page in an app of which only what is given is there. */
function show(app: Partial<App>, view: VNode): void {
  render(<AppProvider value={app as App}>{view}</AppProvider>, root);
}

const subject = { name: 'Small', size: 1, origin: { kind: 'catalogue', manifest: testManifest('small', 1) } } as const;
const BYTES = { loadedBytes: 0, totalBytes: 1 };
const STATES: readonly ModelState[] = [
  { kind: 'ready', subject, model: testReadyModel('small') },
  { kind: 'loading', subject, kernels: null, ...BYTES },
  { kind: 'paused', subject, ...BYTES },
  { kind: 'removed', subject },
];

it.each(STATES)('the panel of a model that is $kind names it once, below its own title', (state) => {
  const model = { state: signal(state), stored: signal([]) } as unknown as App['model'];
  const chat = { rate: signal(null) } as unknown as App['chat'];
  show({ model, chat, policy: OPEN_POLICY, panel: signal(null) }, <ModelPanel />);
  const headings = [...root.querySelectorAll('h1, h2, h3, h4')].map((one) => `${one.localName} ${one.textContent}`);
  expect(headings).toEqual([`h2 ${TEXT.model.title}`, 'h3 Small']);
});

it('of known models it says what is known, and nothing where nothing is', async () => {
  const known = [
    { name: 'Measured', size: 2_000_000 },
    { name: 'Unmeasured', size: null },
  ].map(({ name, size }) => ({
    id: name,
    name,
    manifest: '',
    source: { repository: 'a/b', file: 'c.gguf', licence: 'MIT', quantisation: 'Q4_0', parameters: 1e6, size },
  }));
  const engine = {
    models: {
      known: async () => known,
      watch: async () => () => {},
      ...Object.fromEntries(['stored', 'catalogue', 'evicted', 'recommend'].map((name) => [name, async () => []])),
      storage: async () => null,
    },
  } as unknown as App['engine'];
  const model = { noteRemoved: () => {} } as unknown as App['model'];
  show({ engine, model, dropped: signal(null), policy: OPEN_POLICY }, <ModelsPage />);
  const lines = () => [...root.querySelectorAll('.model-row p')].map(({ textContent }) => textContent);
  await vi.waitFor(() => expect(lines()).toHaveLength(2));
  expect(lines().map((line) => line.split(' · ').slice(1))).toEqual([
    ['MIT', '1 M', 'Q4_0', '2.0 MB'],
    ['MIT', '1 M', 'Q4_0'],
  ]);
});

it('a pinned chat says which folder it lies in; in its folder no chat repeats it', async () => {
  const { chat, library } = chatOf(counting().answer);
  for (const isPinned of [true, false]) {
    await chat.ask(isPinned ? 'pinned' : 'unpinned');
    chat.change({ folder: 'Kitchen', isPinned });
    await chat.keeper.settled();
    chat.startNew();
  }
  show({ chat, library }, <ChatList />);
  const items = () => [...root.querySelectorAll('.chat-item')].map(({ textContent }) => textContent);
  await vi.waitFor(() => expect(items()).toEqual([`pinned${TEXT.chats.folder}: Kitchen`, 'unpinned']));
});
