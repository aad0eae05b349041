export { Conversation, type ConversationOptions, type TurnOptions } from './conversation.ts';
export { type Sessions, sessionsOf } from './sessions.ts';
