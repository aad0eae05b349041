import { computed, signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emptyChat, newMessage } from './chat-library.ts';
import { testEngine, testReadyModel } from './engine.kit.ts';
import { newChat, type OpenChat, outlineOf, shownBranch } from './open-chat.ts';
import { forgetReadings, keepReadings } from './reading-keeper.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function start(contextTokens = 1000) {
  const saved: { id: string; name: string; texts: readonly unknown[] }[] = [];
  const engine = testEngine({
    sessions: {
      save: async ({ name, messages = [] }) => {
        const id = `reading-${saved.length}`;
        saved.push({ id, name, texts: messages.map(({ content }) => content) });
        return { id, name, model: '', tokens: 1, bytes: 1, createdAt: 0 };
      },
      list: async () => saved.map(({ id, name }) => ({ id, name, model: '', tokens: 1, bytes: 1, createdAt: 0 })),
      delete: async (id) =>
        void saved.splice(
          saved.findIndex((reading) => reading.id === id),
          1,
        ),
    },
  });
  const chat = { ...emptyChat(0), id: 'c', leaf: 'b' };
  const question = { ...newMessage('c', { parent: null, role: 'user', text: 'q', order: 0 }), id: 'a' };
  const reply = { ...newMessage('c', { parent: 'a', role: 'assistant', text: 'r', order: 1 }), id: 'b' };
  const open = signal<OpenChat>({
    ...newChat(false),
    chat,
    messages: new Map([question, reply].map((message) => [message.id, message])),
    contextTokens,
  });
  const stop = keepReadings({
    engine,
    chat: {
      outline: computed(() => outlineOf(open.value, undefined)),
      branch: computed(() => shownBranch(open.value)),
      isAnswering: computed(() => open.value.writing !== null),
    },
    model: signal(testReadyModel('m')),
    systemPrompt: () => 'Be brief.',
  });
  return { engine, saved, open, stop };
}

const REST = 5000;

it('a long chat that rests is kept as it would be asked about next, once, in place of what was kept before', async () => {
  const { saved, open, stop } = start();
  await vi.advanceTimersByTimeAsync(REST);
  expect(saved).toMatchObject([{ name: 'c', texts: ['Be brief.', 'q', 'r'] }]);
  open.value = { ...open.value, contextTokens: 1200 };
  await vi.advanceTimersByTimeAsync(REST);
  expect(saved.map(({ name }) => name)).toEqual(['c']);
  stop();
});

it('of a chat that is longer than the context it is kept what the model still reads', async () => {
  const { saved, open, stop } = start();
  open.value = { ...open.value, readFrom: 'b' };
  await vi.advanceTimersByTimeAsync(REST);
  expect(saved).toMatchObject([{ texts: ['Be brief.', 'r'] }]);
  stop();
});

it('nothing is kept of a short chat, of a temporary one, while an answer is written, or once it is switched off', async () => {
  const { saved, open, stop } = start(100);
  await vi.advanceTimersByTimeAsync(REST);
  open.value = { ...open.value, contextTokens: 1000, isTemporary: true };
  await vi.advanceTimersByTimeAsync(REST);
  open.value = { ...open.value, isTemporary: false, writing: { id: 'b', phase: 'writing' } };
  await vi.advanceTimersByTimeAsync(REST);
  open.value = { ...open.value, writing: null };
  stop();
  await vi.advanceTimersByTimeAsync(REST);
  expect(saved).toEqual([]);
});

it('readings of a deleted chat are deleted, and no others', async () => {
  const { engine, saved, stop } = start();
  saved.push({ id: 'x', name: 'gone', texts: [] }, { id: 'y', name: 'kept', texts: [] });
  await forgetReadings(engine, ({ name }) => name === 'gone');
  expect(saved.map(({ id }) => id)).toEqual(['y']);
  stop();
});
