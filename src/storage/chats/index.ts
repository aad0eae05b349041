export {
  type Chat,
  type ChatParameters,
  type Citation,
  type Message,
  type MessageState,
  readChat,
  readMessage,
  readParameters,
} from './chat-record.ts';
export {
  type ChatChanges,
  type ChatStore,
  createChatStore,
  type LoadedChats,
  type LoadedMessages,
  type Problems,
} from './chat-store.ts';
