/** Parts that a page which only chats needs nothing of: one file, loaded when one of them is first used. */
export { Embeddings } from './embeddings.ts';
export { Retrieval } from './retrieval.ts';
export { SavedSessions } from './sessions/saved-sessions.ts';
export { TaskParts } from './tasks/task-parts.ts';
export { Completions } from './text-completions.ts';
