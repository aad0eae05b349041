export { Conversation, type ConversationOptions, type TurnOptions } from './conversation.ts';
export { Sessions } from './sessions.ts';
