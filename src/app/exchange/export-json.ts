import { type ChatArchive, EXPORT_FORMAT, EXPORT_VERSION } from './chat-archive.ts';

/** Everything there is to say about the chats, in our own format: docs/reference/chat-export.md. */
export function exportJson(archives: readonly ChatArchive[], now = new Date()): string {
  const chats = archives.map(({ chat, messages }) => ({ ...chat, messages: [...messages].sort(byOrder) }));
  return `${JSON.stringify({ format: EXPORT_FORMAT, version: EXPORT_VERSION, exportedAt: now.toISOString(), chats }, null, 2)}\n`;
}

function byOrder(a: { readonly order: number }, b: { readonly order: number }): number {
  return a.order - b.order;
}
