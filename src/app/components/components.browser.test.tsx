import { signal } from '@preact/signals';
import { render, type VNode } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import { OPEN_POLICY } from '../../policy/index.ts';
import { createChatStore } from '../../storage/chats/index.ts';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { DEFAULT_SETTINGS, type Persona } from '../../storage/settings/index.ts';
import { type App, AppProvider } from '../app-context.ts';
import { FileButton } from '../pages/index.ts';
import { chatOf, counting, last, piece } from '../state/chat.kit.ts';
import { testReadyModel } from '../state/engine.kit.ts';
import { TEXT } from '../text.ts';
import { ChatList } from './chat-list.tsx';
import { Composer } from './composer.tsx';
import { LazyPanel } from './lazy-panel.tsx';
import { MessageEditor } from './message-editor.tsx';
import { Personas } from './personas.tsx';
import { VaultSection } from './vault-section.tsx';

const root = document.createElement('div');
document.body.append(root);
afterEach(() => render(null, root));

/** Shows a part of the page in an app of which only what is given is there. */
function show(app: Partial<App>, view: VNode): void {
  render(<AppProvider value={app as App}>{view}</AppProvider>, root);
}

const find = <T extends HTMLElement>(selector: string): T => {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`Nothing is "${selector}".`);
  return found;
};
const button = (name: string) => {
  const found = [...root.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === name);
  if (found === undefined) throw new Error(`No button is called "${name}".`);
  return found;
};
const type = (field: HTMLInputElement | HTMLTextAreaElement, value: string) => {
  field.value = value;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
};
const pressEnter = (field: HTMLElement) =>
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));

const ready = {
  state: signal({ kind: 'ready', model: testReadyModel('m') }),
  choices: signal([]),
} as unknown as App['model'];
const settingsOf = (personas: readonly Persona[] = []) => {
  const settings = signal({ ...DEFAULT_SETTINGS, personas });
  const change = (part: Partial<typeof DEFAULT_SETTINGS>) => {
    settings.value = { ...settings.value, ...part };
  };
  return { settings, change } as unknown as App['settings'];
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

/** Something that ends when the test says so. */
function held<Value>() {
  let end = (_: Value) => {};
  let fail = (_: Error) => {};
  const promise = new Promise<Value>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { promise, end, fail };
}

it('words that were sent into a chat that was left before it was read are back in it', async () => {
  const store = createChatStore(createMemoryRecordStore());
  const { chat: first } = chatOf(counting().answer, { store });
  await first.ask('first');
  await first.keeper.settled();
  const { id } = first.open.value.chat;
  const reading = held<void>();
  const messages = async (chatId: string) => {
    await reading.promise;
    return store.messages(chatId);
  };
  const { chat, library } = chatOf(counting().answer, { store: { ...store, messages } });
  await library.load();
  const app: Partial<App> = {
    chat,
    library,
    model: ready,
    settings: settingsOf(),
    policy: OPEN_POLICY,
    shared: signal(null),
    contextUse: signal(0),
  };
  show(app, <Composer />);
  void chat.openChat(id);
  await vi.waitFor(() => expect(chat.outline.value.chat.id).toBe(id));
  const box = find<HTMLTextAreaElement>('textarea');
  type(box, 'not to be lost');
  await vi.waitFor(() => expect(library.drafts.get(id)).toBe('not to be lost'));
  pressEnter(box);
  await vi.waitFor(() => expect(box.value).toBe(''));
  chat.startNew();
  reading.end();
  await vi.waitFor(() => expect(library.drafts.get(id)).toBe('not to be lost'));
  expect(box.value).toBe('');
});

it('an edited question waits in its box while an answer is written, and is sent when it can be', async () => {
  const answer = held<void>();
  const { chat } = chatOf(async function* () {
    await answer.promise;
    yield piece('ok');
    yield last('stop');
  });
  const done = vi.fn();
  const asked = chat.ask('first');
  show({ chat, model: ready }, <MessageEditor text="first, edited" isQuestion onDone={done} onCancel={() => {}} />);
  pressEnter(find('textarea'));
  expect([done.mock.calls, find<HTMLTextAreaElement>('textarea').value]).toEqual([[], 'first, edited']);
  answer.end();
  await asked;
  await vi.waitFor(() => expect(find('[type=submit]').getAttribute('aria-disabled')).toBe('false'));
  pressEnter(find('textarea'));
  expect(done).toHaveBeenCalledWith('first, edited');
});

it('an editor has the focus and its caret at the end from the first moment, and takes nothing back later', async () => {
  const { chat } = chatOf(counting().answer);
  show({ chat }, <MessageEditor text="as it was" isQuestion={false} onDone={() => {}} onCancel={() => {}} />);
  const box = find<HTMLTextAreaElement>('textarea');
  expect([document.activeElement, box.selectionStart]).toEqual([box, 'as it was'.length]);
  box.select();
  await settle();
  expect([box.selectionStart, box.selectionEnd]).toEqual([0, 'as it was'.length]);
});

it('a search that fails late says nothing of the words that stand there now', async () => {
  const { chat, library } = chatOf(counting().answer);
  await chat.ask('first');
  const searches: ReturnType<typeof held<never>>[] = [];
  const search = () => {
    const one = held<never>();
    searches.push(one);
    return one.promise;
  };
  show({ chat, library: { ...library, search } }, <ChatList />);
  type(find('input'), 'words');
  await vi.waitFor(() => expect(searches).not.toEqual([]));
  type(find('input'), '');
  await settle();
  for (const { fail } of searches) fail(new Error('unreadable'));
  await settle();
  expect(root.textContent).toContain('first');
  expect(root.textContent).not.toContain(TEXT.chats.notFound);
});

it('what is being done to the vault cannot be cancelled, and no other form is closed by its end', async () => {
  const switching = held<boolean>();
  const isBusy = signal(false);
  const switchOn = () => {
    isBusy.value = true;
    return switching.promise;
  };
  const vault = { state: signal('off'), failure: signal(null), isBusy, switchOn } as unknown as App['vault'];
  show({ vault, settings: settingsOf(), policy: OPEN_POLICY }, <VaultSection />);
  button(TEXT.vault.switchOn).click();
  await vi.waitFor(() => expect(root.querySelectorAll('input')).toHaveLength(2));
  for (const field of root.querySelectorAll('input')) type(field, 'correct horse battery');
  await vi.waitFor(() => expect(find('[type=submit]').getAttribute('aria-disabled')).toBe('false'));
  expect(button(TEXT.conversation.cancel).disabled).toBe(false);
  find('[type=submit]').click();
  await vi.waitFor(() => expect(button(TEXT.conversation.cancel).disabled).toBe(true));
  isBusy.value = false;
  switching.end(true);
  await vi.waitFor(() => expect(root.textContent).toContain(TEXT.vault.switchedOn));
});

it('a panel that could not be had opens none in place of the one that was opened since', async () => {
  const documents = held<never>();
  const load = vi.fn(() => documents.promise);
  const panels = { documents: load } as unknown as NonNullable<Parameters<typeof LazyPanel>[0]['panels']>;
  const panel = signal<'documents' | 'settings' | 'model' | null>('documents');
  const app = { panel } as unknown as Partial<App>;
  show(app, <LazyPanel key="documents" name="documents" panels={panels} />);
  await vi.waitFor(() => expect(load).toHaveBeenCalled());
  panel.value = 'settings';
  show(app, <p key="settings">Settings</p>);
  documents.fail(new Error('not there'));
  await settle();
  expect(panel.value).toBe('settings');
});

it('of two files that were chosen for a persona the later one holds, and nothing is left of the other', async () => {
  const persona: Persona = { id: 'p', name: 'Editor', systemPrompt: '', parameters: {}, adapter: null };
  const settings = settingsOf([persona]);
  const adding: ReturnType<typeof held<string>>[] = [];
  const removed: string[] = [];
  const adapters = {
    add: () => {
      const one = held<string>();
      adding.push(one);
      return one.promise;
    },
    remove: async (id: string) => void removed.push(id),
    use: async () => {},
  };
  show({ settings, policy: OPEN_POLICY, adapters: async () => adapters }, <Personas />);
  const choose = async (name: string) => {
    const files = new DataTransfer();
    files.items.add(new File(['GGUF'], name));
    const input = find<HTMLInputElement>('input[type=file]');
    input.files = files.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    const before = adding.length;
    await vi.waitFor(() => expect(adding).toHaveLength(before + 1));
  };
  await choose('large.gguf');
  await choose('small.gguf');
  adding[1]?.end('small');
  await vi.waitFor(() => expect(settings.settings.value.personas[0]?.adapter?.id).toBe('small'));
  adding[0]?.end('large');
  await vi.waitFor(() => expect(removed).toEqual(['large']));
  expect(settings.settings.value.personas[0]?.adapter).toMatchObject({ id: 'small', name: 'small.gguf' });
});

it('asks for files with one control, which the keyboard and readers of the screen find', () => {
  show({}, <FileButton label="Add files" onFiles={() => {}} />);
  const shown = [...root.querySelectorAll('button, input')].filter((one) => one.checkVisibility());
  expect(shown.map((one) => one.textContent)).toEqual(['Add files']);
  const asked = vi.fn((event: Event) => event.preventDefault());
  find('input').addEventListener('click', asked);
  button('Add files').click();
  expect(asked).toHaveBeenCalledOnce();
});
