export type { Adapters } from './adapters.ts';
export { type ChatController, createChatController } from './chat-controller.ts';
export type { Saving } from './chat-keeper.ts';
export { type ChatLibrary, createChatLibrary, emptyChat, newMessage } from './chat-library.ts';
export type { SearchHit } from './chat-search.ts';
export { countBranches, shownMessages } from './chat-tree.ts';
export { contextUse } from './context-use.ts';
export {
  createDocumentsController,
  type DocumentsController,
  type ReadingJob,
} from './documents-controller.ts';
export type { EngineChoice, EngineWish } from './engine-choice.ts';
export { canRetry, type Failure, failureOf, toFailure } from './failure.ts';
export { type ModelState, type ModelSubject, type Retry, subjectOf } from './model.ts';
export { createModelController, type ModelChoice, type ModelController } from './model-controller.ts';
export type { ChatOutline, OpenChat } from './open-chat.ts';
export { parseQuery, type QueryOptions } from './query.ts';
export { createSettingsController, type SettingsController } from './settings-controller.ts';
export { splitThinking, withoutThinking } from './thinking.ts';
export { createVaultController, type VaultController } from './vault-controller.ts';
