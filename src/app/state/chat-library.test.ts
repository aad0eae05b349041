import { expect, it, vi } from 'vitest';
import { createChatStore } from '../../storage/chats/index.ts';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { createChatLibrary, emptyChat, newMessage } from './chat-library.ts';

/** A library whose list comes when the test says so, each as it was when it was asked for. */
function setUp() {
  const store = createChatStore(createMemoryRecordStore());
  const waiting: (() => void)[] = [];
  const load = async () => {
    const read = await store.load();
    await new Promise<void>((resolve) => waiting.push(resolve));
    return read;
  };
  const come = async () => {
    await vi.waitFor(() => expect(waiting).not.toEqual([]));
    waiting.shift()?.();
  };
  return { library: createChatLibrary({ ...store, load }), store, come };
}

const chat = { ...emptyChat(1), id: 'a', title: 'Asked at once', activity: 1 };

it('shows a chat that began, and none that was deleted, while the list was being read', async () => {
  const { library, come } = setUp();
  const loaded = library.load();
  await library.save({ chats: [chat] });
  await come();
  await come();
  await loaded;
  expect(library.chats.value).toEqual([chat]);
  const again = library.load();
  await library.remove(['a']);
  await come();
  await come();
  await again;
  expect(library.chats.value).toEqual([]);
});

it('keeps a text that is being written, and none that was sent, whatever is read meanwhile', async () => {
  const { library, store, come } = setUp();
  await store.saveDraft('a', 'sent');
  const loaded = library.load();
  library.saveDraft('a', '');
  library.saveDraft('', 'typed');
  await vi.waitFor(async () => expect((await store.load()).drafts).toEqual(new Map([['', 'typed']])));
  await come();
  await come();
  await loaded;
  expect(library.drafts).toEqual(new Map([['', 'typed']]));
});

it('writes at once what is still being typed when the page is left', async () => {
  const { library, store } = setUp();
  library.saveDraft('', 'typed');
  library.saveDraft('a', 'typed there');
  await library.writeDrafts();
  const drafts = new Map([
    ['', 'typed'],
    ['a', 'typed there'],
  ]);
  expect((await store.load()).drafts).toEqual(drafts);
});

it('writes a chat although its texts cannot be read for a search', async () => {
  const store = createChatStore(createMemoryRecordStore());
  let fail = (_: Error) => {};
  const allMessages = () =>
    new Promise<never>((_, reject) => {
      fail = reject;
    });
  const library = createChatLibrary({ ...store, allMessages });
  const found = library.search('asked');
  const saved = library.save({
    chats: [chat],
    messages: [newMessage('a', { parent: null, role: 'user', text: 'asked', order: 1 })],
  });
  await vi.waitFor(() => expect(library.chats.value).toEqual([chat]));
  fail(new Error('unreadable'));
  await expect(found).rejects.toThrow('unreadable');
  await saved;
});
