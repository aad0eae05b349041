import { computed, signal } from '@preact/signals';
import { expect, it, vi } from 'vitest';
import type { ReadyModel } from '../../client/index.ts';
import { chatOf, last, piece } from './chat.kit.ts';
import { contextUse } from './context-use.ts';
import { testReadyModel } from './engine.kit.ts';

function setUp() {
  const counted: (readonly unknown[])[] = [];
  const model = signal<ReadyModel | null>({ ...testReadyModel('m'), contextLength: 64 });
  const { chat, library } = chatOf(async function* () {
    yield piece('A protocol.');
    yield last('stop', 12);
  });
  const countTokens = async ({ messages }: { readonly messages: readonly { readonly content: unknown }[] }) => {
    counted.push(messages.map(({ content }) => content));
    return { total_tokens: counted.at(-1)!.join(' ').length };
  };
  const used = contextUse({
    engine: { chat: { completions: { countTokens } } } as never,
    chat,
    model: computed(() => model.value),
    systemPrompt: () => 'Be brief.',
  });
  return { chat, library, model, used, counted };
}

it('is what the engine said after an answer, and nothing in a new chat', async () => {
  const { chat, used, counted } = setUp();
  expect(used.value).toBe(0);
  await chat.ask('What is HTTP?');
  expect(used.value).toBe(12);
  chat.startNew();
  expect(used.value).toBe(0);
  expect(counted).toEqual([]);
});

it('is counted of a chat that is opened again, and of the branch on the screen, instructions included', async () => {
  const { chat, used, counted } = setUp();
  await chat.ask('What is HTTP?');
  const { id } = chat.open.value.chat;
  await chat.leave();
  chat.startNew();
  await chat.openChat(id);
  await vi.waitFor(() => expect(used.value).toBe('Be brief. What is HTTP? A protocol.'.length));
  expect(counted.at(-1)).toEqual(['Be brief.', 'What is HTTP?', 'A protocol.']);
  await chat.ask('And TCP?');
  expect(used.value).toBe(12);
});

it('is never more than the context, and begins anew with another model', async () => {
  const { chat, used, model, counted } = setUp();
  await chat.ask('long '.repeat(40));
  const { id } = chat.open.value.chat;
  await chat.leave();
  chat.startNew();
  await chat.openChat(id);
  await vi.waitFor(() => expect(used.value).toBe(64));
  const before = counted.length;
  model.value = null;
  expect(used.value).toBe(0);
  model.value = { ...testReadyModel('other'), contextLength: 32 };
  await vi.waitFor(() => expect(used.value).toBe(32));
  expect(counted.length).toBe(before + 1);
});
