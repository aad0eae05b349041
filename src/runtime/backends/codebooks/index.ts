export type { HeldFile } from './translated-file.ts';
export { translateFile } from './translated-file.ts';
