import { describe, expect, it } from 'vitest';
import { createMemoryRecordStore } from '../records/index.ts';
import { type Chat, type Message, readChat, readMessage } from './chat-record.ts';
import { createChatStore } from './chat-store.ts';

const CHAT: Chat = {
  id: 'c',
  title: 'T',
  titledBy: 'question',
  createdAt: 1,
  updatedAt: 2,
  activity: 3,
  isPinned: false,
  folder: '',
  tags: ['x'],
  leaf: 'm',
  systemPrompt: null,
  model: null,
  parameters: { temperature: 0 },
  adapter: null,
  collections: [],
};

const MESSAGE: Message = {
  id: 'm',
  chatId: 'c',
  parent: null,
  role: 'assistant',
  text: 'hello',
  createdAt: 1,
  order: 1,
  state: { kind: 'failed', code: 'worker-lost', message: 'gone' },
  model: 'M',
  tokens: 3,
  tokensPerSecond: 1.5,
  citations: [{ documentId: 'd', documentName: 'D', chunk: 0, page: 1, passage: 'p' }],
};

it('keeps chats, messages and drafts, and deletes a chat with all that is its own', async () => {
  const store = createChatStore(createMemoryRecordStore());
  await store.save({ chats: [CHAT, { ...CHAT, id: 'other' }], messages: [MESSAGE] });
  await store.saveDraft('c', 'unsent');
  await store.saveDraft('', 'new');
  expect(await store.messages('c')).toEqual({ messages: [MESSAGE], unreadable: 0 });
  expect((await store.load()).drafts).toEqual(
    new Map([
      ['c', 'unsent'],
      ['', 'new'],
    ]),
  );
  await store.save({ removedChats: ['c'] });
  expect((await store.load()).chats.map(({ id }) => id)).toEqual(['other']);
  expect((await store.load()).drafts).toEqual(new Map([['', 'new']]));
  expect(await store.allMessages()).toEqual([]);
});

describe('a record', () => {
  it('that makes no sense is set aside and counted', async () => {
    const records = createMemoryRecordStore();
    const store = createChatStore(records);
    await store.save({ chats: [CHAT] });
    await records.write([{ kind: 'chat', id: 'bad', version: 1, value: { ...CHAT, id: 'bad', tags: 'no list' } }]);
    expect((await store.load()).chats).toEqual([CHAT]);
    expect(store.problems()).toEqual({ setAside: 1, newer: 0 });
    expect(await records.quarantined()).toMatchObject([{ kind: 'chat', id: 'bad' }]);
  });

  it('of a chat is missed each time the chat is read, until the chat is deleted', async () => {
    const records = createMemoryRecordStore();
    const store = createChatStore(records);
    await store.save({ chats: [CHAT], messages: [MESSAGE] });
    await records.write([{ kind: 'message', id: 'bad', parent: 'c', version: 1, value: { ...MESSAGE, text: 7 } }]);
    expect(await store.messages('c')).toEqual({ messages: [MESSAGE], unreadable: 1 });
    expect(await store.messages('c')).toEqual({ messages: [MESSAGE], unreadable: 1 });
    expect(await store.messages('other')).toEqual({ messages: [], unreadable: 0 });
    await store.save({ removedChats: ['c'] });
    expect(await records.quarantined()).toEqual([]);
  });

  it('that cannot even be moved stays where it is, and the others are read', async () => {
    const records = createMemoryRecordStore();
    const store = createChatStore({ ...records, quarantine: () => Promise.reject(new Error('unreadable')) });
    await store.save({ chats: [CHAT], messages: [MESSAGE] });
    await records.write([{ kind: 'message', id: 'bad', parent: 'c', version: 0, value: null }]);
    expect(await store.messages('c')).toEqual({ messages: [MESSAGE], unreadable: 1 });
  });

  it('of a newer version is left as it is, and counted', async () => {
    const records = createMemoryRecordStore();
    const store = createChatStore(records);
    await records.write([{ kind: 'chat', id: 'later', version: 99, value: { shape: 'unknown' } }]);
    expect((await store.load()).chats).toEqual([]);
    expect(store.problems()).toEqual({ setAside: 0, newer: 1 });
    expect((await records.read('chat', 'later'))?.value).toEqual({ shape: 'unknown' });
  });

  it.each([
    ['a role', { ...MESSAGE, role: 'system' }],
    ['a state', { ...MESSAGE, state: { kind: 'odd' } }],
    ['a text', { ...MESSAGE, text: 7 }],
    ['citations', { ...MESSAGE, citations: [{ documentId: 'd' }] }],
    ['an order', { ...MESSAGE, order: -1 }],
  ])('with a wrong %s is refused', (_what, value) => {
    expect(() => readMessage(value)).toThrow(expect.objectContaining({ code: 'storage-failed' }));
  });

  it('keeps nothing it does not know', () => {
    expect(readChat({ ...CHAT, extra: 1, parameters: { temperature: 1, other: 2 } })).toEqual({
      ...CHAT,
      parameters: { temperature: 1 },
    });
  });
});
