export type {
  Chat,
  ChatParameters,
  Citation,
  Message,
  MessageState,
} from './chat-record.ts';
export { type ChatChanges, type ChatStore, createChatStore, type LoadedChats, type Problems } from './chat-store.ts';
