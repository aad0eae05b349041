export type { ChatArchive, ImportPlan } from './chat-archive.ts';
export { exportJson } from './export-json.ts';
export { exportMarkdown } from './export-markdown.ts';
export { fileName } from './file-name.ts';
export { readImport } from './read-import.ts';
