import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { emptyChat, newMessage, shownMessages } from '../state/index.ts';
import type { ChatArchive } from './chat-archive.ts';
import { exportJson } from './export-json.ts';
import { exportMarkdown } from './export-markdown.ts';
import { fileName } from './file-name.ts';
import { readImport } from './read-import.ts';

const file = (value: unknown) => new Blob([typeof value === 'string' ? value : JSON.stringify(value)]);

const textsOf = ({ chat, messages }: ChatArchive) => shownMessages(messages, chat.leaf).map(({ text }) => text);

function sample(): ChatArchive {
  const chat = { ...emptyChat(5), id: 'c', title: 'A title', tags: ['x'], activity: 3, parameters: { seed: 1 } };
  const question = newMessage('c', { parent: null, role: 'user', text: 'Why?', order: 1 });
  const one = newMessage('c', { parent: question.id, role: 'assistant', text: '<think>hm</think>One.', order: 2 });
  const two = {
    ...newMessage('c', { parent: question.id, role: 'assistant', text: 'Two.', order: 3 }),
    state: { kind: 'failed', code: 'worker-lost', message: 'x' } as const,
    citations: [{ documentId: 'd', documentName: 'D.pdf', chunk: 2, page: 7, passage: 'p' }],
  };
  return { chat: { ...chat, leaf: one.id }, messages: [question, one, two] };
}

describe('our own format', () => {
  it('gives back exactly what went out', async () => {
    const archive = sample();
    const { source, archives, refused } = await readImport(file(exportJson([archive])));
    expect({ source, refused }).toEqual({ source: 'sotto', refused: [] });
    expect(archives).toEqual([archive]);
  });

  it('of a newer version is refused by name', async () => {
    const newer = { format: 'sotto-chats', version: 2, chats: [] };
    await expect(readImport(file(newer))).rejects.toMatchObject({ code: 'record-newer' });
  });

  it.each([
    ['a parent that is missing', (chat: ChatArchive) => [{ ...chat.messages[1], parent: 'nowhere' }]],
    ['two messages of one id', (chat: ChatArchive) => [chat.messages[0], chat.messages[0]]],
    ['a message of another chat', (chat: ChatArchive) => [{ ...chat.messages[0], chatId: 'other' }]],
    ['a text that is none', (chat: ChatArchive) => [{ ...chat.messages[0], text: { evil: true } }]],
  ])('leaves out a chat with %s, and takes the others', async (_what, spoil) => {
    const good = sample();
    const value = {
      format: 'sotto-chats',
      version: 1,
      chats: [
        { ...good.chat, messages: good.messages },
        { ...good.chat, title: 'Spoiled', messages: spoil(good) },
      ],
    };
    const { archives, refused } = await readImport(file(value));
    expect(archives).toEqual([good]);
    expect(refused).toMatchObject([{ title: 'Spoiled' }]);
  });

  it('as Markdown shows the branch that is open, without thoughts', () => {
    const markdown = exportMarkdown([sample()]);
    expect(markdown).toContain('# A title');
    expect(markdown).toContain('## You\n\nWhy?');
    expect(markdown).toContain('One.');
    expect(markdown).not.toMatch(/hm|Two/);
  });
});

const CHATGPT = [
  {
    title: 'Lighthouses',
    create_time: 1700000000.5,
    update_time: 1700000100,
    conversation_id: 'abc',
    current_node: 'a2',
    mapping: {
      root: { id: 'root', message: null, parent: null, children: ['s'] },
      s: {
        id: 's',
        parent: 'root',
        message: { author: { role: 'system' }, content: { content_type: 'text', parts: ['Be kind.'] } },
      },
      q: {
        id: 'q',
        parent: 's',
        message: {
          author: { role: 'user' },
          create_time: 1700000001,
          content: { content_type: 'multimodal_text', parts: [{ asset_pointer: 'file' }, 'Why light?'] },
        },
      },
      t: {
        id: 't',
        parent: 'q',
        message: {
          author: { role: 'assistant' },
          recipient: 'python',
          content: { content_type: 'code', text: 'print(1)' },
        },
      },
      a1: {
        id: 'a1',
        parent: 't',
        message: {
          author: { role: 'assistant' },
          metadata: { model_slug: 'gpt' },
          content: { content_type: 'text', parts: ['To warn.'] },
        },
      },
      a2: {
        id: 'a2',
        parent: 't',
        message: { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['To guide.'] } },
      },
    },
  },
  { title: 'Empty', create_time: 1, mapping: {} },
];

const OPEN_WEBUI = [
  {
    id: 'w1',
    title: 'Bread',
    pinned: true,
    created_at: 1700000000,
    updated_at: 1700000009,
    meta: { tags: ['kitchen'] },
    chat: {
      params: { system: 'You bake.' },
      history: {
        currentId: 'm2',
        messages: {
          m1: { id: 'm1', parentId: null, role: 'user', content: 'How long?', timestamp: 1700000001 },
          m2: {
            id: 'm2',
            parentId: 'm1',
            role: 'assistant',
            content: 'An hour.',
            model: 'llama3',
            timestamp: 1700000002,
          },
          m3: { id: 'm3', parentId: 'm1', role: 'assistant', content: 'Longer.', timestamp: 1700000003 },
        },
      },
    },
  },
];

const LIBRECHAT = {
  conversationId: 'l1',
  title: 'Bees',
  exportAt: '10:00:00 GMT 2024',
  options: { promptPrefix: 'Short.' },
  recursive: true,
  messages: [
    {
      messageId: 'x',
      parentMessageId: '00000000-0000-0000-0000-000000000000',
      isCreatedByUser: true,
      sender: 'User',
      text: 'Why dance?',
      createdAt: '2024-05-01T10:00:00.000Z',
      children: [
        {
          messageId: 'y',
          parentMessageId: 'x',
          isCreatedByUser: false,
          text: '',
          content: [
            { type: 'think', think: 'hm' },
            { type: 'text', text: { value: 'To point.' } },
          ],
          createdAt: '2024-05-01T10:00:05.000Z',
        },
      ],
    },
  ],
};

describe('other programs', () => {
  it('ChatGPT: branches, the shown one, instructions; no tool talk, no hidden nodes', async () => {
    const { source, archives, refused } = await readImport(file(CHATGPT));
    expect(source).toBe('chatgpt');
    expect(archives).toHaveLength(1);
    expect(textsOf(archives[0]!)).toEqual(['Why light?', 'To guide.']);
    expect(archives[0]!.messages).toHaveLength(3);
    expect(archives[0]!.chat).toMatchObject({
      id: 'chatgpt-abc',
      title: 'Lighthouses',
      systemPrompt: 'Be kind.',
      createdAt: 1700000000500,
    });
    expect(refused).toEqual([{ title: 'Empty', reason: 'It holds no message.' }]);
  });

  it('ChatGPT’s own ZIP', async () => {
    const zip = zipSync({
      'chat.html': new Uint8Array(9),
      'export/conversations.json': new TextEncoder().encode(JSON.stringify(CHATGPT)),
    });
    expect((await readImport(new Blob([zip as BlobPart]))).archives).toHaveLength(1);
    const without = zipSync({ 'chat.html': new Uint8Array(9) });
    await expect(readImport(new Blob([without as BlobPart]))).rejects.toMatchObject({ code: 'import-invalid' });
  });

  it('Open WebUI: branches, tags, pin, model', async () => {
    const { source, archives } = await readImport(file(OPEN_WEBUI));
    expect(source).toBe('open-webui');
    expect(textsOf(archives[0]!)).toEqual(['How long?', 'An hour.']);
    expect(archives[0]!.chat).toMatchObject({ tags: ['kitchen'], isPinned: true, systemPrompt: 'You bake.' });
    expect(archives[0]!.messages[1]?.model).toBe('llama3');
  });

  it('chats without ids, of one moment, stay apart, and are the same when their file is read again', async () => {
    const [{ id: _row, ...row }] = OPEN_WEBUI as [(typeof OPEN_WEBUI)[number]];
    const { conversation_id: _chat, ...chat } = CHATGPT[0] as Record<string, unknown>;
    const libre = { ...LIBRECHAT, conversationId: null };
    const idsOf = async (value: unknown) => (await readImport(file(value))).archives.map(({ chat: { id } }) => id);
    for (const [value, program] of [
      [[row, { ...row, title: 'Cake' }], 'open-webui'],
      [[chat, { ...chat, title: 'Towers' }], 'chatgpt'],
      [libre, 'librechat'],
    ] as const) {
      const ids = await idsOf(value);
      expect(new Set(ids).size).toBe(Array.isArray(value) ? 2 : 1);
      for (const id of ids) expect(id).toMatch(new RegExp(`^${program}-[0-9a-f]{16}$`));
      expect(await idsOf(value)).toEqual(ids);
    }
    expect(await idsOf({ ...libre, title: 'Wasps' })).not.toEqual(await idsOf(libre));
  });

  it('LibreChat: nested messages and parts of content', async () => {
    const { source, archives } = await readImport(file(LIBRECHAT));
    expect(source).toBe('librechat');
    expect(textsOf(archives[0]!)).toEqual(['Why dance?', 'To point.']);
    expect(archives[0]!.chat).toMatchObject({ title: 'Bees', systemPrompt: 'Short.' });
  });

  it.each([
    ['no JSON', 'hello'],
    ['a list of nothing', []],
    ['another object', { a: 1 }],
    ['a number', 7],
  ])('%s is refused with what to do', async (_what, value) => {
    await expect(readImport(file(value))).rejects.toMatchObject({ code: 'import-invalid' });
  });

  it('a circle of parents is left out, and ends', async () => {
    const circle = [
      {
        title: 'Circle',
        mapping: {
          a: { parent: 'b', message: { author: { role: 'user' }, content: { parts: ['a'] } } },
          b: { parent: 'a', message: { author: { role: 'user' }, content: { parts: ['b'] } } },
        },
      },
    ];
    const { archives, refused } = await readImport(file(circle));
    expect(archives).toEqual([]);
    expect(refused).toHaveLength(1);
  });
});

it('names of files are safe on every system', () => {
  expect(fileName('a/b\\c: "d"?\u202e', 'md')).toBe('a b c d.md');
  expect(fileName('...', 'json')).toBe('chat.json');
});
