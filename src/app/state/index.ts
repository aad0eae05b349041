export { type ChatController, createChatController, type Schedule } from './chat-controller.ts';
export { type AnswerStatus, type Conversation, isAnswering, type Turn } from './conversation.ts';
export { canRetry, type Failure } from './failure.ts';
export { type ModelState, type ModelSubject, type Retry, subjectOf } from './model.ts';
export { createModelController, type ModelController } from './model-controller.ts';
export { parseQuery, type QueryOptions } from './query.ts';
