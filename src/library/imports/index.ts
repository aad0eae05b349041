export { type ImportTools, importModels } from './import-models.ts';
export type { GivenFile } from './read-files.ts';
