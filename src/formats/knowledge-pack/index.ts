export type { KnowledgePackFile, PackDocument, PackPassage } from './pack-types.ts';
export { readPack } from './read-pack.ts';
export { type PackContent, writePack } from './write-pack.ts';
