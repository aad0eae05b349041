export type { Block, Extracted, Notices } from './blocks.ts';
export { textOfBlocks } from './blocks.ts';
export { extractDocument } from './extract-document.ts';
