import { describe, expect, it, vi } from 'vitest';
import { type ChatCompletionRequest, SottoError } from '../../client/index.ts';
import { abortError } from '../../shared/index.ts';
import { type ChatStore, createChatStore } from '../../storage/chats/index.ts';
import { createMemoryRecordStore } from '../../storage/records/index.ts';
import { chatOf, counting, last, lastMessage, piece } from './chat.kit.ts';
import { createChatController } from './chat-controller.ts';
import { createChatLibrary } from './chat-library.ts';
import { testEngine } from './engine.kit.ts';

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe('a chat that is longer than the context', () => {
  it('shows from which message on the model read', async () => {
    const asked: (string | null | undefined)[] = [];
    const { chat } = chatOf(async function* (request) {
      asked.push(request.context_policy);
      yield piece('ok');
      const isLong = request.messages.length > 4;
      yield {
        ...last('stop'),
        sotto: {
          tokenIds: [],
          promptTokenIds: [],
          seed: 0,
          ...(isLong ? { dropped: { messages: 2, tokens: 9 } } : {}),
        },
      };
    });
    await chat.ask('One?');
    await chat.ask('Two?');
    expect(chat.open.value).toMatchObject({ droppedMessages: 0, readFrom: null });
    await chat.ask('Three?');
    const [, , second] = chat.branch.value;
    expect(second?.text).toBe('Two?');
    expect(chat.open.value).toMatchObject({ droppedMessages: 2, readFrom: second?.id });
    expect(new Set(asked)).toEqual(new Set(['truncate-middle']));
  });
});

/** Two kept chats in a page that reads them when the test says so, each as it was when it was asked for. */
async function twoChats() {
  const store = createChatStore(createMemoryRecordStore());
  const first = chatOf(counting().answer, { store }).chat;
  await first.ask('a');
  const a = first.open.value.chat.id;
  first.startNew();
  await first.ask('b');
  const b = first.open.value.chat.id;
  await first.keeper.settled();

  const readings: (() => void)[] = [];
  let tell = () => {};
  const held: ChatStore = {
    ...store,
    messages: async (id) => {
      const read = await store.messages(id);
      await new Promise<void>((resolve) => readings.push(resolve));
      return read;
    },
    onRemoteChange: (listener) => {
      tell = () => listener(new Set([a]));
      return () => {};
    },
  };
  const { chat: later, library, texts } = chatOf(counting().answer, { store: held });
  await library.load();
  const come = async (index: number) => {
    await vi.waitFor(() => expect(readings.length).toBeGreaterThan(index));
    readings[index]?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return {
    later,
    library,
    store,
    texts,
    ids: { a, b },
    tell: () => tell(),
    come: Object.assign(come, { count: () => readings.length }),
  };
}

describe('an answer', () => {
  it('arrives whole, with its speed and the context in use', async () => {
    const { chat, texts } = chatOf(async function* () {
      yield piece('Hyper');
      yield piece('text');
      yield last('stop');
    });
    await chat.ask('What?');
    expect(texts()).toEqual(['What?', 'Hypertext']);
    expect(lastMessage(chat)).toMatchObject({ state: { kind: 'finished' }, tokens: 2, tokensPerSecond: 41 });
    expect(chat.open.value.contextTokens).toBe(12);
    expect(chat.rate.value).toBe(41);
    chat.forgetRate();
    expect(chat.rate.value).toBeNull();
  });

  it('is drawn once a picture, however many pieces came', async () => {
    let pieces = 0;
    const { chat, draw } = chatOf(async function* (_request, signal) {
      for (pieces = 0; pieces < 5; pieces++) yield piece('a');
      await untilAborted(signal);
      yield last('abort');
    });
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(pieces).toBe(5));
    expect(lastMessage(chat)?.text).toBe('');
    draw();
    expect(lastMessage(chat)?.text).toBe('aaaaa');
    chat.stop();
    await asked;
  });

  it('says when it ended at the limit', async () => {
    const { chat } = chatOf(async function* () {
      yield piece('a');
      yield last('length');
    });
    await chat.ask('x');
    expect(lastMessage(chat)?.state).toEqual({ kind: 'length' });
  });

  it.each([
    ['by a last chunk', () => Promise.resolve(last('abort', 11))],
    ['by an AbortError', () => Promise.reject(abortError())],
  ])('keeps its text when it is stopped, told %s', async (_how, end) => {
    let isWaiting = false;
    const { chat } = chatOf(async function* (_request, signal) {
      yield piece('half');
      isWaiting = true;
      await untilAborted(signal);
      yield await end();
    });
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(isWaiting).toBe(true));
    chat.stop();
    await asked;
    expect(lastMessage(chat)).toMatchObject({ text: 'half', state: { kind: 'stopped' } });
  });

  it('stays on screen when its thread dies, and Retry asks the same again', async () => {
    const requests: ChatCompletionRequest[] = [];
    const { chat, texts } = chatOf(async function* (request) {
      requests.push(request);
      yield piece('Hy');
      if (requests.length === 1) throw new SottoError('worker-lost', 'The thread died.');
      yield last('stop');
    });
    await chat.ask('What?');
    expect(lastMessage(chat)).toMatchObject({ text: 'Hy', state: { kind: 'failed', code: 'worker-lost' } });
    await chat.retry();
    expect(texts()).toEqual(['What?', 'Hy']);
    expect(lastMessage(chat)?.state).toEqual({ kind: 'finished' });
    expect(requests[1]?.messages).toEqual([{ role: 'user', content: 'What?' }]);
  });

  it('turns an error of no known kind into one that can be reported', async () => {
    const { chat } = chatOf(() => {
      throw new TypeError('odd');
    });
    await chat.ask('x');
    expect(lastMessage(chat)?.state).toEqual({ kind: 'failed', code: 'internal', message: 'odd' });
  });

  it('of a chat that was left never comes back', async () => {
    let release: (() => void) | null = null;
    const { chat, draw } = chatOf(async function* () {
      yield piece('old');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield piece('older');
      yield last('stop');
    });
    const asked = chat.ask('x');
    await vi.waitFor(() => expect(release).not.toBeNull());
    chat.startNew();
    (release as (() => void) | null)?.();
    await asked;
    draw();
    expect(chat.open.value).toMatchObject({ writing: null, contextTokens: 0 });
    expect(chat.branch.value).toEqual([]);
  });

  it('is asked for with all that was said before, and with the parameters of the chat', async () => {
    const { requests, answer } = counting();
    const { chat } = chatOf(answer);
    await chat.ask('one');
    chat.change({ systemPrompt: 'Be brief.', parameters: { temperature: 0, maxTokens: 9 } });
    await chat.ask('two');
    expect(requests[1]).toMatchObject({
      model: 'm',
      stream: true,
      temperature: 0,
      max_tokens: 9,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: '1' },
        { role: 'user', content: 'two' },
      ],
    });
  });

  it('does not read its own thoughts again', async () => {
    const { requests, answer } = counting();
    const { chat } = chatOf(async function* (request) {
      if (requests.length === 0) {
        requests.push(request);
        yield piece('<think>hm, HTTP');
        yield piece(' is old</think>\n\nA protocol.');
        yield last('stop');
      } else yield* answer(request);
    });
    await chat.ask('one');
    await chat.ask('two');
    expect(requests[1]?.messages[1]).toEqual({ role: 'assistant', content: 'A protocol.' });
  });
});

describe('branches', () => {
  it('keep the old question and its answer beside the edited one', async () => {
    const { chat, texts } = chatOf(counting().answer);
    await chat.ask('a');
    await chat.ask('b');
    const first = chat.branch.value[0]!;
    await chat.edit(first.id, 'A');
    expect(texts()).toEqual(['A', '3']);
    chat.selectBranch(chat.branch.value[0]!.id, -1);
    expect(texts()).toEqual(['a', '1', 'b', '2']);
  });

  it('hold another answer beside the first', async () => {
    const { chat, texts } = chatOf(counting().answer);
    await chat.ask('a');
    await chat.retry();
    expect(texts()).toEqual(['a', '2']);
    chat.selectBranch(lastMessage(chat)!.id, -1);
    expect(texts()).toEqual(['a', '1']);
    await chat.ask('b');
    expect(texts()).toEqual(['a', '1', 'b', '3']);
  });

  it('let a person put words into the mouth of the model, without asking it', async () => {
    const { requests, answer } = counting();
    const { chat, texts } = chatOf(answer);
    await chat.ask('a');
    await chat.edit(lastMessage(chat)!.id, 'mine');
    expect(texts()).toEqual(['a', 'mine']);
    expect(requests).toHaveLength(1);
  });

  it('lose one and show the one beside it when a message is deleted', async () => {
    const { chat, texts } = chatOf(counting().answer);
    await chat.ask('a');
    await chat.retry();
    chat.removeMessage(lastMessage(chat)!.id);
    expect(texts()).toEqual(['a', '1']);
    chat.removeMessage(chat.branch.value[0]!.id);
    expect(texts()).toEqual([]);
  });
});

describe('what is kept', () => {
  it('is there after a reload, branches and all', async () => {
    const store = createChatStore(createMemoryRecordStore());
    const { chat } = chatOf(counting().answer, { store });
    await chat.ask('What does HTTP stand for? I forgot.');
    await chat.retry();
    await chat.keeper.settled();

    const { chat: later, library, texts } = chatOf(counting().answer, { store });
    await library.load();
    expect(library.chats.value).toMatchObject([{ title: 'What does HTTP stand for?', model: 'm' }]);
    await later.openChat(library.chats.value[0]!.id);
    expect(texts()).toEqual(['What does HTTP stand for? I forgot.', '2']);
    later.selectBranch(lastMessage(later)!.id, -1);
    expect(texts()[1]).toBe('1');
  });

  it('takes words that were sent while the chat was still being read, and gives them back where it was left', async () => {
    const store = createChatStore(createMemoryRecordStore());
    const { chat } = chatOf(counting().answer, { store });
    await chat.ask('first');
    await chat.keeper.settled();

    const { chat: later, library, texts } = chatOf(counting().answer, { store });
    await library.load();
    const { id } = library.chats.value[0]!;
    void later.openChat(id);
    expect(await later.ask('second')).toBe(true);
    expect(texts()).toEqual(['first', '1', 'second', '1']);

    later.startNew();
    void later.openChat(id);
    const sent = later.ask('third');
    later.startNew();
    expect(await sent).toBe(false);
    expect(texts()).toEqual([]);
  });

  it('is not taken back by an older reading of the chat that comes late', async () => {
    const { later, texts, ids, come } = await twoChats();
    void later.openChat(ids.a);
    void later.openChat(ids.b);
    const opened = later.openChat(ids.a);
    const again = later.openChat(ids.a);
    await come(2);
    await opened;
    await again;
    expect(texts(), 'whoever opens it twice is told when it is there').toEqual(['a', '1']);
    await later.ask('second');
    await come(0);
    expect(texts()).toEqual(['a', '1', 'second', '1']);
    expect(later.isAnswering.value).toBe(false);
  });

  it('is newer than what was read when another tab changed the chat', async () => {
    const { later, library, store, texts, ids, come, tell } = await twoChats();
    const opened = later.openChat(ids.a);
    await come(0);
    await opened;
    tell();
    await vi.waitFor(() => expect(come.count()).toBe(2));
    later.change({ title: 'Renamed here' });
    await later.ask('second');
    await later.keeper.settled();
    await come(1);
    await come(2);
    await vi.waitFor(async () => expect((await store.messages(ids.a)).messages).toHaveLength(4));
    expect(texts()).toEqual(['a', '1', 'second', '1']);
    expect(later.open.value.chat.title).toBe('Renamed here');
    expect(library.chats.value[0]?.title).toBe('Renamed here');
  });

  it('is all that was written when the page is left in the middle, and says that it was cut short', async () => {
    const store = createChatStore(createMemoryRecordStore());
    const { chat, draw } = chatOf(
      async function* (_request, signal) {
        yield piece('Once upon');
        await untilAborted(signal);
        yield last('abort');
      },
      { store },
    );
    void chat.ask('a story');
    await vi.waitFor(() => {
      draw();
      expect(lastMessage(chat)?.text).toBe('Once upon');
    });
    const { id } = chat.open.value.chat;
    await chat.keeper.settled();
    const early = (await store.messages(id)).messages.find(({ role }) => role === 'assistant');
    expect(early?.state, 'as a page that is killed now would leave it').toEqual({ kind: 'stopped' });
    await chat.leave();
    const kept = (await store.messages(id)).messages.find(({ role }) => role === 'assistant');
    expect(kept).toMatchObject({ text: 'Once upon', state: { kind: 'stopped' } });
  });

  it('says why it cannot be read, loses nothing, and is read once that is over', async () => {
    const store = createChatStore(createMemoryRecordStore());
    const { chat } = chatOf(counting().answer, { store });
    await chat.ask('first');
    await chat.keeper.settled();

    let isBroken = true;
    const messages = (id: string) =>
      isBroken ? Promise.reject(new SottoError('storage-failed', 'disk')) : store.messages(id);
    const { chat: later, library, texts } = chatOf(counting().answer, { store: { ...store, messages } });
    await library.load();
    await later.openChat(library.chats.value[0]!.id);
    expect(later.outline.value).toMatchObject({
      isLoaded: false,
      problem: { kind: 'failed', failure: { code: 'storage-failed' } },
    });
    expect(await later.ask('second'), 'the words stay where they were typed').toBe(false);
    isBroken = false;
    await later.readAgain();
    expect(texts()).toEqual(['first', '1']);
    expect(later.outline.value.problem).toBeNull();
  });

  it('shows what comes before a message that cannot be read, and counts what is missing', async () => {
    const records = createMemoryRecordStore();
    const store = createChatStore(records);
    const { chat } = chatOf(counting().answer, { store });
    await chat.ask('first');
    await chat.ask('second');
    await chat.keeper.settled();
    const second = chat.branch.value[2]!;
    await records.write([{ kind: 'message', id: second.id, parent: second.chatId, version: 1, value: { text: 7 } }]);

    const { chat: later, library, texts } = chatOf(counting().answer, { store });
    await library.load();
    await later.openChat(library.chats.value[0]!.id);
    expect(texts()).toEqual(['first', '1', '2']);
    expect(later.outline.value.problem).toEqual({ kind: 'partly', unreadable: 1 });
    expect(library.problems.value.setAside).toBe(1);
  });

  it('is nothing of a temporary chat', async () => {
    const store = createChatStore(createMemoryRecordStore());
    const { chat } = chatOf(counting().answer, { store });
    chat.startNew({ isTemporary: true });
    await chat.ask('secret');
    await chat.keeper.settled();
    expect(await store.load()).toEqual({ chats: [], drafts: new Map() });
    expect(await store.allMessages()).toEqual([]);
  });

  it('is marked while it is not on the disk, and no longer once it is', async () => {
    const records = createMemoryRecordStore();
    let isFull = true;
    const store = createChatStore({
      ...records,
      write: (changes) => (isFull ? Promise.reject(new SottoError('storage-full', 'no room')) : records.write(changes)),
    });
    const { chat, texts } = chatOf(counting().answer, { store });
    await chat.ask('a');
    await chat.keeper.settled();
    expect(chat.keeper.saving.value).toMatchObject({ kind: 'unsaved', failure: { code: 'storage-full' } });
    expect(chat.keeper.unsaved.value.size).toBe(2);
    expect(texts()).toEqual(['a', '1']);
    isFull = false;
    chat.keeper.retry();
    await chat.keeper.settled();
    expect(chat.keeper.saving.value).toEqual({ kind: 'saved' });
    expect(chat.keeper.unsaved.value.size).toBe(0);
    expect(await store.allMessages()).toHaveLength(2);
  });
});

it('nothing is asked without a model', async () => {
  const library = createChatLibrary(createChatStore(createMemoryRecordStore()));
  const chat = createChatController({ engine: testEngine({}), library, model: () => null, schedule: () => {} });
  await chat.ask('x');
  expect(chat.branch.value).toEqual([]);
});

it('a title comes from the model where that is wanted, unless the person gave one', async () => {
  const { answer, requests } = counting();
  const library = createChatLibrary(createChatStore(createMemoryRecordStore()));
  const chat = createChatController({
    engine: testEngine({
      async *answer(request, signal) {
        if (request.max_tokens === 16) {
          yield piece('"The Web\'s Protocol."\nmore');
          yield last('stop');
        } else yield* answer(request);
        expect(signal.aborted).toBe(false);
      },
    }),
    library,
    model: () => ({ id: 'm', name: 'Model', parameters: 1e9 }),
    schedule: (callback) => callback(),
    namesChats: () => true,
  });
  await chat.ask('What is HTTP?');
  expect(chat.open.value.chat).toMatchObject({ title: "The Web's Protocol", titledBy: 'model' });
  expect(requests).toHaveLength(1);
});
