import { formatMoment } from '../format/index.ts';
import { shownMessages, withoutThinking } from '../state/index.ts';
import { TEXT } from '../text.ts';
import type { ChatArchive } from './chat-archive.ts';

/** The branches on the screen as Markdown, one chat after the other: for people and for other programs. */
export function exportMarkdown(archives: readonly ChatArchive[]): string {
  return `${archives.map(chatText).join('\n\n---\n\n')}\n`;
}

function chatText({ chat, messages }: ChatArchive): string {
  const parts = shownMessages(messages, chat.leaf).map(({ role, text, model, citations }) => {
    const who = role === 'user' ? TEXT.conversation.you : (model ?? TEXT.name);
    const sources = citations.map(
      ({ documentName, page }, index) => `[${index + 1}] ${documentName}${page === null ? '' : `, ${page}`}`,
    );
    return [`## ${who}`, role === 'user' ? text : withoutThinking(text), ...sources].join('\n\n');
  });
  const about = `*${formatMoment(chat.createdAt)}*`;
  const system = chat.systemPrompt === null ? [] : [`> ${chat.systemPrompt.replaceAll('\n', '\n> ')}`];
  return [`# ${chat.title || TEXT.chats.untitled}`, about, ...system, ...parts].join('\n\n');
}
