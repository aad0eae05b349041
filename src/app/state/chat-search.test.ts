import { expect, it } from 'vitest';
import type { Message } from '../../storage/chats/index.ts';
import { emptyChat, newMessage } from './chat-library.ts';
import { createChatSearch } from './chat-search.ts';

function filled(texts: readonly (readonly string[])[]) {
  const search = createChatSearch();
  const chats = texts.map((_, index) => ({ ...emptyChat(0), id: `chat ${index}`, title: `Title ${index}` }));
  const messages: Message[] = [];
  texts.forEach((list, index) => {
    list.forEach((text, order) => {
      messages.push(newMessage(`chat ${index}`, { parent: null, role: 'user', text, order }));
    });
  });
  for (const message of messages) search.put(message);
  return { search, chats, messages };
}

it('finds all words in any order, without case and accents, in any script', () => {
  const { search, chats } = filled([['Where is my Café au lait?'], ['今日は寒いですね'], ['nothing of the kind']]);
  expect(search.find('LAIT cafe', chats).map(({ chatId }) => chatId)).toEqual(['chat 0']);
  expect(search.find('寒い', chats).map(({ chatId }) => chatId)).toEqual(['chat 1']);
  expect(search.find('lait tea', chats)).toEqual([]);
});

it('shows one hit a chat: the newest message, with the words around it', () => {
  const { search, chats, messages } = filled([['a needle here', `${'hay '.repeat(40)}needle ${'hay '.repeat(40)}`]]);
  const [hit, ...others] = search.find('needle', chats);
  expect(others).toEqual([]);
  expect(hit?.messageId).toBe(messages[1]?.id);
  expect(hit?.excerpt).toMatch(/^…[hay ]+ needle [hay ]+…$/);
});

it('finds titles, and nothing that was deleted', () => {
  const { search, chats, messages } = filled([['needle'], ['x']]);
  expect(search.find('title 1', chats).map(({ chatId }) => chatId)).toEqual(['chat 1']);
  search.remove([messages[0]!.id]);
  expect(search.find('needle', chats)).toEqual([]);
});
