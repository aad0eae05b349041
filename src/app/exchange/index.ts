export type { ChatArchive, ImportPlan } from './chat-archive.ts';
export { exportJson } from './export-json.ts';
export { exportMarkdown } from './export-markdown.ts';
export { readImport } from './read-import.ts';
export { fileName, saveBlob, saveFile } from './save-file.ts';
